# Two steps of a minute, and an idle queue: the first one has its messages when all that both may be extended by is nearly over.
# The second is idle as well, and may wait as long for its own.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 50, "window_minutes": 5}], "steps": [{"share_permille": 250, "bake_minutes": 1}, {"share_permille": 500, "bake_minutes": 1}], "watch_minutes": 10, "when_undecided": {"extend_minutes_max": 20, "then": "roll_back"}}
orders has a queue of 5 messages a second, received 3 times at most
orders gets 0 messages a second
push orders v2
release orders v2
until approval orders
run 16m
orders gets 5 messages a second
run 1m
orders gets 0 messages a second
run 15m
expect release of orders is baking
orders gets 5 messages a second
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
