# Bob gives the canary v3 by hand while v2 is watched. v2 is promoted, v3 is a release of its own, and judged.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is watching
run 20m
bob gives v3 to orders-canary by hand
run 30m
dlq orders 25
run 30m
dlq orders 0
run 60m
expect orders runs v2
expect orders-canary runs v2
expect release v2 of orders is promoted
expect release of orders is rolled back
