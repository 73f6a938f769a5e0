# ECS does not answer while the pipeline gives the canary v2, and bob gives it v3 the moment after. So v3 is what is judged,
# and v2 what ann approves: stable is taken back from what no canary was seen to run.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until release of orders is deploying
down ecs for 110s
until approval orders
run 20s
bob gives v3 to orders-canary by hand
run 6m
ann approves orders
run 90m
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v3
