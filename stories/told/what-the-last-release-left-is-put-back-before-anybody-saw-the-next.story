# The next release takes the place of one that waits for approval, and ECS, which nobody can ask meanwhile, puts back what that
# had left on the canary. That is not the next one's revision, and its approval is not given for it.
serin deployed
policy orders with open
deploy actions succeed where ECS rolls back
push orders v2
push orders v3 which cannot start
release orders v2
until approval orders
run 2m
release orders v3
until execution v2 of orders is Failed
down ecs for 5m
until approval orders
run 4m
expect execution v3 of orders is Failed
run 5m
expect release v3 of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
