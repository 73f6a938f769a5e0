# Nobody could look while ECS put back what the execution had given the canary: its action is through, and the canary runs
# what it ran before. Nobody has seen the revision run, so nobody gets to approve it.
policy orders
deploy actions succeed where ECS rolls back
push orders v2 which cannot start
release orders v2
open orders
run 62s
down ecs for 4m
until approval orders
run 3m
expect release v2 of orders is rolling back
expect execution v2 of orders is Failed
until closed orders
expect orders runs v1
