# The same where the pipeline has only the standard actions: nobody holds the fix, and it is picked up afterwards.
serin deployed
policy orders
push orders v2
push orders v3
the build of orders takes 5s
release orders v2
until approval orders
dlq orders 25
until release of orders is rolling back
dlq orders 0
release orders v3
until release of orders is baking
expect 2 releases of orders
until approval orders
run 5m
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
