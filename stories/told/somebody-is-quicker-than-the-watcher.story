# Seconds after the pipeline's action gave the canary v2, bob gives it v3 by hand, and all ECS events of it are lost. The
# release never saw its own revision: the canary is bob's, and the pipeline does not promote v2 unjudged.
serin deployed
policy orders with open
no event of pipeline or service is heard
push orders v2
push orders v3
release orders v2
until orders-canary of orders is given v2
bob gives v3 to orders-canary by hand
run 80m
expect release v2 of orders is overtaken
expect orders-canary runs v3
expect orders runs v1
