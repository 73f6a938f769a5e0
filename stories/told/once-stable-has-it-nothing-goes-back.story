# Until stable has the revision it may be taken back, after that not any more. v2 is bad on the canary and goes back; v3
# is bad in the watch and stays; the fix takes its place.
serin deployed
policy orders {"rollback": "until_promoting"}
push orders v2
push orders v3
push orders v4
release orders v2
until approval orders
dlq orders 25
until closed orders
expect release v2 of orders is rolled back
expect orders-canary runs v1
dlq orders 0
run 5m
release orders v3
until approval orders
run 1m
ann approves orders
until release of orders is watching
dlq orders 25
until release of orders is rollback failing
dlq orders 0
run 40m
expect orders runs v3
expect orders-canary runs v3
release orders v4
until approval orders
run 1m
ann approves orders
until release of orders is promoted
expect release v3 of orders is rollback failed
expect orders runs v4
expect orders-canary runs v4
