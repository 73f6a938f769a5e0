# v3 follows v2 while that is watched, and its tasks fail once stable has it: v3 goes, and v2, which was promoted and
# fails nothing, stays.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "health", "failed_tasks_max": 2}], "steps": [{"share_permille": 250, "bake_minutes": 3}], "watch_minutes": 60, "on_new_release": "continue"}
push orders v2
push orders v3 which ends after 7m
release orders v2
until release of orders is gated
ann approves orders
until release of orders is watching
release orders v3
until release of orders is baking
until release of orders is gated
ann approves orders
until closed orders
expect orders runs v2
expect orders-canary runs v2
