# The next release takes the place of one whose canary has half of the work. It begins with its own first share, and in
# the end the canary has the one task that it had before either.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary has 3 tasks
push orders v3
release orders v3
until orders-canary of orders is given v3
run 4m
expect orders-canary has 1 task
until release of orders is gated
ann approves orders
until closed orders
expect orders runs v3
expect orders-canary has 1 task
