# Spot takes the canary's task three times while it bakes. That says nothing about the revision: the bake begins anew
# where no task runs it, and the release goes its way.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "health", "failed_tasks_max": 2}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 3 times at most
push orders v2
release orders v2
until approval orders
run 1m
Spot takes a task of orders-canary
run 3m
Spot takes a task of orders-canary
run 3m
Spot takes a task of orders-canary
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
expect no message of orders lost
