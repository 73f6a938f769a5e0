# Somebody scales stable to nothing in the minute in which it is given v2. The pipeline calls that a success; it proves
# nothing. The release does not wait for ever; scaled up again within its watch, v2 is proven after all.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until orders of orders is given v2
bob scales orders to 0
run 20m
expect release v2 of orders is promoting
run 20m
expect release v2 of orders is watching
bob scales orders to 3
run 40m
expect release v2 of orders is promoted
release orders v3
until approval orders
ann approves orders
run 2h
expect orders runs v3
expect no release is open
