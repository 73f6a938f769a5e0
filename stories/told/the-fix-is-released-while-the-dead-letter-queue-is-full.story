# A bad release has filled the dead-letter queue, and nobody has looked into it yet: the alarm on its depth still rings,
# and the policy says block. What the queue gains is judged as well, so the fix gets through, with the queue still full.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "block", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}, {"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}], "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 2 times at most
push orders v2
push orders v3
v2 of orders fails every message
release orders v2
until alarm orders
until closed orders
expect release v2 of orders is rolled back
release orders v3
until release of orders is gated
expect alarm orders is ringing
# A copy of the alarm that the first release was taken back for.
alarm again 1
ann approves orders
until closed orders
expect alarm orders is ringing
expect release v3 of orders is promoted
expect orders-canary runs v3
expect orders runs v3
