# The policy is there before its services. Their creation is no release: there is nothing to go back to. The next deployment is one.
serin deployed
policy orders before its services exist
ann creates the services of orders with v1
until orders-canary of orders runs v1
until orders of orders runs v1
run 10m
expect no release
push orders v2
release orders v2
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
