# Serin is upgraded while a release bakes: the next version has written the document, with the next schema and with fields that this one does not know. This one reads it, takes its steps, rolls back, and loses nothing of that.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until release of orders is baking
the next Serin writes the document of orders
run 3m
until approval orders
expect release of orders has what the next Serin wrote
dlq orders 25
until release of orders is rolling back
expect release of orders has what the next Serin wrote
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect release of orders has what the next Serin wrote
dlq orders 0
run 5m
release orders v3
until approval orders
ann approves orders
until release of orders is promoted
expect release v2 of orders is rolled back
expect release of orders has what the next Serin wrote
expect orders runs v3
expect 2 releases of orders
