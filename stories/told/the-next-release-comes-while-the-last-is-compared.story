# The next release takes the place of the one that is being compared; from then on it is the one that is compared. The
# first was good, and the second fails every message.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}, {"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}], "steps": [{"share_permille": 250, "bake_minutes": 20}]}
orders has a queue of 5 messages a second, received 5 times at most
push orders v2
push orders v3
v3 of orders fails every message
release orders v2
until approval orders
run 6m
expect release of orders is baking
release orders v3
until orders-canary of orders is given v3
until closed orders
expect release v2 of orders is superseded
expect release v3 of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect every message of orders accounted for
