# The same check, and a revision that fails nothing. When its workers put nothing on record for a while, that is no 0:
# the release is held until there are numbers again.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "metric", "metric": {"namespace": "Orders", "name": "Failed", "statistic": "Sum", "dimensions": [{"name": "Revision", "value": "{revision}"}], "period_minutes": 1, "periods": 3, "max": 20}}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 9 times at most
orders gets 0 messages a second
push orders v2
release orders v2
until orders-canary of orders is given v2
run 20m
expect release of orders is baking
orders gets 5 messages a second
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
