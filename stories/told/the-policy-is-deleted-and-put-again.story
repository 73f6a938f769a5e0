# The parameter is deleted and put again with a longer watch, as CloudFormation does when it replaces one, and no event
# tells of it. It is at version 1 as it was before, and counts all the same.
serin deployed
policy orders
no event of pipeline or service is heard
push orders v2
run 10m
the policy of orders is deleted
the policy of orders becomes {"name": "orders", "two_services": {"cluster": "prod", "stable": "orders", "canary": "orders-canary"}, "traffic": {"kind": "consumer_share", "tasks_max": 40}, "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "pipeline": {"name": "orders"}, "approval": "pipeline", "promotion": "pipeline", "watch_minutes": 180, "on_new_release": "hold", "rollback": "allowed", "deadline_minutes": 30}
run 10m
release orders v2
until approval orders
ann approves orders
until release of orders is watching
run 90m
expect release of orders is watching
run 2h
expect release of orders is promoted
