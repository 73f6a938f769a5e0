# Whoever scales stable has six tasks of it while the canary bakes with half of the work: the canary follows, and stable
# keeps its six.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary has 3 tasks
ann scales orders to 6
run 3m
expect orders-canary has 6 tasks
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders-canary has 1 task
expect orders has 6 tasks
