# The policy is given another alarm, and no event says so: the job of the pipeline's action reads it, and forgets the old one.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "alarm", "name": "orders-retired", "when_stale": "ignore", "insufficient_data": "ok"}]}
only the alarm is heard
the policy of orders becomes {"name": "orders", "two_services": {"cluster": "prod", "stable": "orders", "canary": "orders-canary"}, "traffic": {"kind": "consumer_share", "tasks_max": 40}, "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "pipeline": {"name": "orders"}, "approval": "pipeline", "promotion": "pipeline", "watch_minutes": 30, "on_new_release": "hold", "rollback": "allowed", "deadline_minutes": 30}
push orders v2
release orders v2
until approval orders
run 3m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect one release of orders
