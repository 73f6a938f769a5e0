# One message in ten fails, whoever receives it: that is not what the release has changed. It is promoted.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 5 times at most
push orders v2
v1 of orders fails 1 message of 10
v2 of orders fails 1 message of 10
release orders v2
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
expect every message of orders accounted for
