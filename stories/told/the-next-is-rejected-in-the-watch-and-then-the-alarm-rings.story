# The same, but the alarm rings a little later, in the watch of v2 that runs on: now both go.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
until approval orders
run 1m
ann rejects orders
run 3m
dlq orders 25
run 20m
dlq orders 0
run 60m
expect orders runs v1
expect orders-canary runs v1
