# A rollback fails, and meanwhile the policy is edited so that it names the services of another team. The next job is
# refused and says why; the failing rollback is not given up for that, and ends well once it may.
serin deployed
policy orders with open
policy bills with open
push orders v2
push bills v3
release orders v2
until approval orders
run 3m
nobody may ecs:UpdateService
dlq orders 25
run 2h
expect release of orders is rollback failed
the policy of orders becomes {"name": "orders", "two_services": {"cluster": "prod", "stable": "bills", "canary": "bills-canary"}, "traffic": {"kind": "consumer_share", "tasks_max": 40}, "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "pipeline": {"name": "orders"}, "approval": "pipeline", "promotion": "pipeline", "watch_minutes": 30, "on_new_release": "hold", "rollback": "allowed", "deadline_minutes": 30}
run 10m
dlq orders 0
release orders v2
run 30m
expect release of orders is rollback failed
expect orders-canary runs v2
everybody may ecs:UpdateService again
run 1h
expect orders-canary runs v1
expect no release is open
