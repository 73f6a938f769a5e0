# A metric of the canary's own revision against a bound: more than 20 failures a minute, three minutes on end. No alarm
# could be made for a revision that is not there yet.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "metric", "metric": {"namespace": "Orders", "name": "Failed", "statistic": "Sum", "dimensions": [{"name": "Revision", "value": "{revision}"}], "period_minutes": 1, "periods": 3, "max": 20}}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 9 times at most
v2 of orders fails every message
push orders v2
release orders v2
until orders-canary of orders is given v2
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect no message of orders lost
