# The pipeline has only the standard actions, so the second release overwrites the canary while the first is still watched: it is a release when that is over.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
until approval orders
expect one release of orders
until release of orders is baking
expect release v2 of orders is promoted
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v2
expect orders runs v2
expect the approval of orders is closed
expect 2 releases of orders
