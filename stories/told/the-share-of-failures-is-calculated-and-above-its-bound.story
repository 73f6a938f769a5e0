# CloudWatch calculates how many of a hundred messages of the canary's own revision fail: more than 20, three minutes on end.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "expression", "metric": {"expression": "100 * failed / handled", "metrics": [{"id": "failed", "namespace": "Orders", "name": "Failed", "statistic": "Sum", "dimensions": [{"name": "Revision", "value": "{revision}"}]}, {"id": "handled", "namespace": "Orders", "name": "Handled", "statistic": "Sum", "dimensions": [{"name": "Revision", "value": "{revision}"}]}], "period_minutes": 1, "periods": 3, "max": 20}}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 9 times at most
push orders v2
push orders v3
release orders v2
until orders-canary of orders is given v2
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
v3 of orders fails every message
release orders v3
until orders-canary of orders is given v3
until closed orders
expect release of orders is rolled back
expect orders-canary runs v2
expect no message of orders lost
