# Stable grows to all tasks that the policy has for both: the canary keeps one, and the step does not bake with what is
# not its share.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "traffic": {"kind": "consumer_share", "tasks_max": 8}}
push orders v2
release orders v2
until orders-canary has 3 tasks
ann scales orders to 8
run 5m
expect orders-canary has 1 task
