# Stable is being given the first release when the second comes: it is held until the first has been watched.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
ann approves orders
until release of orders is promoting
release orders v3
until release of orders is promoted
expect release v2 of orders is promoted
expect orders-canary runs v2
until release of orders is baking
until approval orders
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
expect 2 releases of orders
