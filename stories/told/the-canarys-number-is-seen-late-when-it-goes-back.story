# ECS shows states that are 20 s old: in the rollback the canary is seen with what an earlier step had given it. That is
# ours, and it goes back to its one task.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 400, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
reads of ECS are 20s old
push orders v2
release orders v2
at 03:11:07
ann stops orders and abandons what runs
until closed orders
expect orders-canary has 1 task
