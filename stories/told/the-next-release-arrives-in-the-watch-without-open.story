# The pipeline has only the standard actions, so nobody holds the second release: it overwrites the canary while the first is still watched. The watch runs on inside it, and an alarm takes both back.
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
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect 2 releases of orders
