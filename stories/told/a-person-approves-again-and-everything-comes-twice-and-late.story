# The same where everything comes twice and late: one watch, and none for our own restore.
serin deployed
policy orders
everything comes twice and up to 90s late
push orders v2
release orders v2
until approval orders
dlq orders 25
until release of orders is rolled back
dlq orders 0
run 10m
ann retries ManualApproval of orders
until approval orders
ann approves orders
until release of orders is watching
run 10m
expect 2 releases of orders
dlq orders 25
until release of orders is rolled back
run 30m
expect orders runs v1
expect orders-canary runs v1
expect 2 releases of orders
