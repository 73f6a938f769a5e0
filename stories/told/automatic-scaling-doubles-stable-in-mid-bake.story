# Twice as many messages come in the middle of the bake, and stable's own automatic scaling gives it twice as many tasks: the
# canary follows, so that it keeps its quarter. Stable's scaling is nobody's business, and goes back in by itself as well.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 50, "window_minutes": 10}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second
orders scales automatically from 3 to 12
push orders v2
release orders v2
until release of orders is baking
run 5m
orders gets 10 messages a second
automatic scaling gives orders 6
run 2m
expect orders has 6 tasks
expect orders-canary has 2 tasks
orders gets 5 messages a second
automatic scaling gives orders 3
run 2m
expect orders has 3 tasks
expect orders-canary has 1 task
until release of orders is gated
ann approves orders
until release of orders is watching
automatic scaling gives orders 6
until closed orders
expect release of orders is promoted
expect orders has 6 tasks
expect orders-canary has 1 task
expect orders scales automatically
expect no message of orders lost
