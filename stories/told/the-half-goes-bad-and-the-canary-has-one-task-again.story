# The alarm rings in the second step, when the canary has three tasks: it runs what it ran before, and has the one task
# that it had.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary has 3 tasks
run 2m
dlq orders 25
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders-canary has 1 task
expect orders has 3 tasks
