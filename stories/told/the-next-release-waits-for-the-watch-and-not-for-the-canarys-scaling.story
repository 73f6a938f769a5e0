# Stable has the revision, and Application Auto Scaling cannot be asked any more. The next release waits until the watch is
# over and half an hour longer; then it takes the place of this one, and gives the canary's scaling back in its stead.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "deadline_minutes": 30, "on_new_release": "hold"}
orders-canary scales automatically from 1 to 4
push orders v2
push orders v3
release orders v2
until release of orders is gated
expect the scaling of orders-canary is suspended
ann approves orders
until release of orders is promoting
down application-autoscaling for 90m
until release of orders is watching
release orders v3
run 35m
expect release of orders is watching
expect orders-canary runs v2
run 10m
expect release v2 of orders is superseded
until release of orders is baking
expect orders-canary runs v3
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v3
expect orders-canary has 1 task
expect orders-canary scales automatically
