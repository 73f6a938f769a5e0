# An idle queue, and a policy that says what follows: ten minutes more, and then back to what ran before.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "when_undecided": {"extend_minutes_max": 10, "then": "roll_back"}}
orders has a queue of 5 messages a second, received 3 times at most
orders gets 0 messages a second
push orders v2
release orders v2
until approval orders
run 15m
expect release of orders is baking
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
