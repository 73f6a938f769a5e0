# The alarm comes while v2 is being promoted: its deploy action is abandoned and could write for another hour. The fix
# does not wait for that, nor does it pass unjudged: it is a release of its own as soon as it has the canary.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
run 40s
dlq orders 25
at 03:07:35
ann approves orders
until alarm orders
run 5m
dlq orders 0
expect release v2 of orders is rolling back
expect orders runs v1
release orders v3
until approval orders
run 1m
expect release v2 of orders is overtaken
expect release v3 of orders is baking
run 10m
ann approves orders
run 3h
expect orders runs v3
expect orders-canary runs v3
expect no release is open
