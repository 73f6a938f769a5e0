# A person gives the canary back the one task that it had at rest. That is theirs, and nobody gives it three again.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary has 3 tasks
run 2m
ann scales orders-canary to 1
run 1m
ann scales orders-canary to 1
run 1m
ann scales orders-canary to 1
run 1m
ann scales orders-canary to 1
run 1m
expect orders-canary has 1 task
