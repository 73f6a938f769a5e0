# Without an action of ours the next release gives the canary another revision while that has half of the work: it has its
# one task again before the new one shows that it runs.
serin deployed
policy orders {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
push orders v3
release orders v2
until orders-canary has 3 tasks
release orders v3
until orders-canary of orders is given v3
run 1m
expect orders-canary has 1 task
