# Five messages a second: in a quarter of an hour the canary has handled enough of them, and in the one minute of the second
# step it has not. That step waits for its own.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 600, "window_minutes": 20}], "steps": [{"share_permille": 250, "bake_minutes": 15}, {"share_permille": 500, "bake_minutes": 1}]}
orders has a queue of 5 messages a second, received 5 times at most
push orders v2
release orders v2
until approval orders
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect every message of orders accounted for
