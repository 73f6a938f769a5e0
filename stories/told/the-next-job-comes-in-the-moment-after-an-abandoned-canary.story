# The pipeline's action has just given the canary v2 when ann abandons the execution, and no event tells of either. The
# next execution enters the stage at once: its job finds a release that has not seen its own canary yet.
serin deployed
policy orders with open
no event of pipeline or service is heard
push orders v2
push orders v3
release orders v2
run 20s
release orders v3
until orders-canary of orders is given v2
run 20s
ann stops v2 of orders and abandons what runs
until approval orders
run 2m
expect release v3 of orders is baking
expect orders-canary runs v3
ann approves orders
run 3h
expect orders runs v3
expect no release is open
