# The second execution is still building when the canary of the first fails: only the first is touched.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
the build of orders takes 20m
release orders v3
run 2m
dlq orders 25
until release of orders is rolled back
expect execution v2 of orders is Failed
expect execution v3 of orders is InProgress
expect orders-canary runs v1
dlq orders 0
until release of orders is baking
until approval orders
ann approves orders
until release of orders is promoted
expect orders runs v3
expect release v2 of orders is rolled back
expect release v3 of orders is promoted
