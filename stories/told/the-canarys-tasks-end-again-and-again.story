# The revision's tasks end three minutes after they have begun, again and again: too late for ECS's breaker, which is
# content once they run, and no message dies of it. Three failed tasks are one too many.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "health", "failed_tasks_max": 2}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2 which ends after 3m
release orders v2
until orders-canary of orders is given v2
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
