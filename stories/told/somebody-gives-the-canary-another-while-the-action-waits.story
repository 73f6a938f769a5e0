# While the pipeline's action still waits for ECS to finish v2 on the canary, bob gives it v3 by hand. What the action
# writes it writes once: v3 is not its doing, so it is bob's, and the pipeline does not promote v2.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until orders-canary of orders is given v2
run 40s
bob gives v3 to orders-canary by hand
run 80m
expect release v2 of orders is overtaken
expect orders-canary runs v3
expect orders runs v1
