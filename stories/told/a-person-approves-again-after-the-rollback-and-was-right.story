# The same where the person was right: nothing rings any more, and what had been rolled back is promoted. The next release is bad, and goes back to that.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
dlq orders 25
until release of orders is rolled back
dlq orders 0
run 10m
ann retries ManualApproval of orders
until approval orders
ann approves orders
until release of orders is promoted
expect orders runs v2
expect orders-canary runs v1
expect 2 releases of orders
release orders v3
until approval orders
ann approves orders
until release of orders is watching
dlq orders 25
until release of orders is rolled back
expect orders runs v2
expect orders-canary runs v1
expect 3 releases of orders
