# CodePipeline answers nobody while a person stops the first execution, and the second gives the canary and, as somebody has
# approved it, stable what is bad. Nobody could say whose that was; it is no hot fix to go back to: both go back to v1.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
down codepipeline for 7m
ann stops v2 of orders and abandons what runs
release orders v3
until orders-canary of orders is given v3
until approval orders
ann approves orders
run 100s
dlq orders 25
until alarm orders
run 20m
expect orders runs v1
expect orders-canary runs v1
