# Stable's own settings do not go with the new version: its tasks crash, while the canary runs the same images well. It is taken
# back, and the evidence says that the images alone are not to blame.
serin deployed
policy orders with open {"checks": [{"kind": "health", "failed_tasks_max": 2}], "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 20}
push orders v2
release orders v2
until release of orders is gated
ann approves orders
until release of orders is watching
run 3m
a task of orders ends by itself
run 30s
a task of orders ends by itself
run 30s
a task of orders ends by itself
until closed orders
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
