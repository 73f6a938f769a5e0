# The policy allows no way back: what ran before cannot read what v2 has written. v2 is bad on the canary. It is left
# there, on as many tasks as before, its approval is rejected, and the fix takes its place.
serin deployed
policy orders {"rollback": "never"}
push orders v2
push orders v3
release orders v2
until approval orders
dlq orders 25
until release of orders is rollback failing
dlq orders 0
run 10m
expect orders runs v1
expect orders-canary runs v2
release orders v3
until release of orders is baking
expect release v2 of orders is rollback failed
until approval orders
run 1m
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
