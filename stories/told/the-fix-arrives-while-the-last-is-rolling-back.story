# The fix is pushed while the bad release is still being taken back: it waits for that, and then gets through.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
dlq orders 25
until release of orders is rolling back
dlq orders 0
release orders v3
until release of orders is baking
expect release v2 of orders is rolled back
expect 2 releases of orders
until approval orders
run 2m
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
