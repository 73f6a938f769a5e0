# The baseline's image is deleted in the middle of the release, so the canary cannot be put right. The fix is not held up by that.
serin deployed
policy orders with open {"deadline_minutes": 10}
push orders v2
push orders v3
release orders v2
until approval orders
image v1 of orders is deleted
dlq orders 25
until release of orders is rollback failing
dlq orders 0
run 1m
release orders v3
until release of orders is baking
expect release v2 of orders is rollback failed
until approval orders
run 1m
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
