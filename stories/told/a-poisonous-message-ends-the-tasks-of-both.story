# One message in a thousand ends the process of whoever takes it in hand, the old version's like the new one's. What dies with
# it comes back, and the message itself is dead after three times: that is noise which was there before, so the release is promoted.
serin deployed
policy orders with open {"checks": [{"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 10}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 2 messages a second, received 3 times at most
1 message of 1000 for orders is poison
push orders v2
v1 of orders ends by every poison
v2 of orders ends by every poison
run 20m
release orders v2
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
expect v1 of orders dropped messages
expect every message of orders accounted for
