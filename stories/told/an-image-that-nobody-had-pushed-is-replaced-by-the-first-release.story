# The services are created with an image that nobody has pushed, and no task of theirs starts. What the first execution gives the canary has nothing to go back to: it is no release, and an alarm finds nothing that could be taken back. Once both services run it, the next one is a release, and goes back to it.
serin deployed
policy orders before its services exist
ann creates the services of orders with v0
run 10m
expect no release
push orders v2
push orders v3
release orders v2
until approval orders
dlq orders 25
until alarm orders
run 10m
expect no release
expect orders-canary runs v2
dlq orders 0
run 10m
ann approves orders
until orders of orders runs v2
run 10m
expect no release
release orders v3
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v2
expect orders runs v2
expect one release of orders
