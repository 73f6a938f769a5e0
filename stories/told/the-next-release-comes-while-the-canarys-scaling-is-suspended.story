# The next release takes over that the canary is not scaled automatically, and gives it back in the end. When it is rolled
# back Application Auto Scaling cannot be asked for five minutes: the services do not wait for that, closing does.
serin deployed
policy mails with open {"checks": [{"kind": "alarm", "name": "mails-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 20}], "watch_minutes": 10}
mails-canary scales automatically from 1 to 4
push mails v2
push mails v3
release mails v2
until mails-canary has 3 tasks
expect the scaling of mails-canary is suspended
release mails v3
until release of mails is baking
run 5m
expect the scaling of mails-canary is suspended
expect release v2 of mails is superseded
dlq mails 25
until release of mails is rolling back
down application-autoscaling for 5m
run 4m
expect mails-canary runs v1
expect mails-canary has 1 task
until closed mails
expect release of mails is rolled back
expect mails-canary has 1 task
expect mails-canary scales automatically
