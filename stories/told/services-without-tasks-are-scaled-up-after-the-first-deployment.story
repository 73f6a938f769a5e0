# The services are created without tasks. The first execution gives the canary v2, of which no task runs either, and somebody scales both up: the canary begins with v2, stable with v1. Nothing ran on the canary before, so v2 is no release; the next one is.
serin deployed
policy orders before its services exist
ann creates the services of orders with v1 and no tasks
push orders v2
push orders v3
release orders v2
until approval orders
run 5m
ann scales orders-canary to 1
ann scales orders to 3
run 10m
expect no release
expect orders-canary runs v2
expect orders runs v1
release orders v3
run 10m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v2
expect orders runs v1
