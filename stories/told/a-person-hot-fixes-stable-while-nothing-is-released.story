# Nothing is released when a person gives stable something by hand: no release of ours, whatever rings. The next release goes back to that.
serin deployed
policy orders
push orders v2
push orders v3
run 10m
ann gives v2 to orders by hand
run 20m
dlq orders 25
until alarm orders
run 20m
expect no release
expect orders runs v2
dlq orders 0
run 10m
release orders v3
until approval orders
ann approves orders
until release of orders is watching
dlq orders 25
until release of orders is rolled back
expect orders runs v2
expect orders-canary runs v1
expect one release of orders
