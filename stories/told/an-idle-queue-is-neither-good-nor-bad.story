# Nobody sends anything: the canary fails no message, and that proves nothing. The release stays where it is until
# there is something to judge it by.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}, {"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 3 times at most
orders gets 0 messages a second
push orders v2
release orders v2
until approval orders
run 40m
expect release of orders is baking
orders gets 5 messages a second
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
expect no message of orders lost
