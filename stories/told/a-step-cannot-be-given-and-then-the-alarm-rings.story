# ECS takes no change for eight minutes, just when the canary is to be given its second share; then the alarm rings.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 400, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary has 2 tasks
run 2m
down ecs UpdateService for 8m
run 4m
dlq orders 25
until closed orders
expect release of orders is rolled back
expect orders-canary has 1 task
