# The same, and the alarm comes when the watch of the first is over: only the second is taken back.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
until release of orders is baking
until approval orders
expect release v2 of orders is superseded
expect 2 releases of orders
run 40m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v2
expect orders runs v2
expect the approval of orders is closed
expect 2 releases of orders
