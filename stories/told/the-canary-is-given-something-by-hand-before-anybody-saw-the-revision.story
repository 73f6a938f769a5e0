# ECS does not answer while the pipeline gives the canary v2, and bob gives it v3 when that was through. What is bob's is not
# the revision: nobody is asked to approve v2 by what is seen of v3, and v3 stays where bob has put it.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until release of orders is deploying
down ecs for 5m
until approval orders
run 20s
bob gives v3 to orders-canary by hand
run 6m
expect execution v2 of orders is Failed
expect release of orders is overtaken
expect orders runs v1
expect orders-canary runs v3
