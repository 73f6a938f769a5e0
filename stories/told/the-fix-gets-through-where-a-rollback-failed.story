# ECS takes back every restore, until the deadline is past. The fix is not held up by what cannot be put right.
serin deployed
policy orders with open {"deadline_minutes": 10}
push orders v2
push orders v3
release orders v2
until approval orders
undo 50 restores of orders-canary
dlq orders 25
until release of orders is rollback failing
undo 0 restores of orders-canary
dlq orders 0
release orders v3
until release of orders is baking
expect release v2 of orders is rollback failed
until approval orders
run 5m
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
