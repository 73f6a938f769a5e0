# A person has the canary scaled again in the middle of a bake. That is theirs, and so is what it is scaled to.
serin deployed
policy mails with open {"checks": [{"kind": "alarm", "name": "mails-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 20}], "watch_minutes": 10}
mails-canary scales automatically from 1 to 4
push mails v2
release mails v2
until mails-canary has 3 tasks
run 5m
ann resumes the scaling of mails-canary
run 5m
automatic scaling gives mails-canary 4
until release of mails is gated
ann approves mails
until closed mails
expect release of mails is promoted
expect mails-canary has 4 tasks
expect mails-canary scales automatically
