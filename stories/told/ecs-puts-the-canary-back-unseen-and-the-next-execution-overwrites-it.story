# Nobody could look while ECS put back what the first execution had given the canary. What the second gives it is the
# second's: the first one's release is over, and its execution promotes nothing.
policy orders
deploy actions succeed where ECS rolls back
push orders v2 which cannot start
push orders v3
release orders v2
open orders
run 62s
down ecs for 6m
until approval orders
run 1m
release orders v3
until orders-canary of orders is given v3
run 2m
expect release v2 of orders is superseded
expect release v3 of orders is baking
expect execution v2 of orders is Failed
run 1m
until approval orders
ann approves orders
until release of orders is promoted
expect orders runs v3
