# The watch of v2 runs on inside the next release, which is rejected. Then tasks of v2 end, again and again: it is taken
# back as well.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "health", "failed_tasks_max": 2}], "steps": [{"share_permille": 250, "bake_minutes": 3}], "watch_minutes": 60, "on_new_release": "continue"}
push orders v2 which ends after 20m
push orders v3
release orders v2
until release of orders is gated
ann approves orders
until release of orders is watching
release orders v3
until approval orders
ann rejects orders
until closed orders
expect orders runs v1
expect orders-canary runs v1
