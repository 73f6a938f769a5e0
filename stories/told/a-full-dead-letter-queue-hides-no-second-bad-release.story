# The dead-letter queue of a FIFO queue is full of the last bad release, so its alarm rings all the time and cannot ring
# again. The next release is bad as well: what the queue gains takes it back.
serin deployed
policy mails with open {"checks": [{"kind": "alarm", "name": "mails-dlq-depth", "when_stale": "ignore", "insufficient_data": "ok"}, {"kind": "dlq_growth", "queue": "mails-dlq.fifo", "messages_max": 5}], "steps": [{"share_permille": 250, "bake_minutes": 10}]}
mails has a queue of 8 messages a second, received 2 times at most, in 60 groups
push mails v2
push mails v3
v2 of mails fails every message
v3 of mails fails every message
release mails v2
until alarm mails
until closed mails
expect release v2 of mails is rolled back
release mails v3
until mails-canary of mails is given v3
until closed mails
expect alarm mails is ringing
expect release v3 of mails is rolled back
expect mails-canary runs v1
expect mails runs v1
expect every message of mails accounted for
