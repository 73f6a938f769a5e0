# The next release takes over that the canary is not scaled automatically, and gives it back in the end. In between a
# function dies right after it was suspended, and Application Auto Scaling cannot be asked for a while.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 20}], "watch_minutes": 10}
orders-canary scales automatically from 1 to 4
push orders v2
push orders v3
push orders v4
release orders v2
until orders-canary has 3 tasks
expect the scaling of orders-canary is suspended
release orders v3
until release of orders is baking
run 5m
expect the scaling of orders-canary is suspended
expect release v2 of orders is superseded
dlq orders 25
until closed orders
expect release of orders is rolled back
expect orders-canary has 1 task
expect orders-canary scales automatically
