# The same where the pipeline opens its releases itself: the second takes the place of the first before the canary changes.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
release orders v3
until execution v2 of orders is Failed
until execution v2 of orders is Failed
run 5m
expect release v2 of orders is superseded
expect release v3 of orders is baking
until approval orders
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
expect execution v2 of orders is Failed
expect execution v3 of orders is Succeeded
