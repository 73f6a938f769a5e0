# v2 is promoted and watched; v3 is rejected, and v2's watch runs on in its release. v4 gets the canary: it is a release
# of its own at once, and the watch goes on in that one. The alarm then takes all of them back.
serin deployed
policy orders {"watch_minutes": 120}
push orders v2
push orders v3
push orders v4
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
until approval orders
run 1m
ann rejects orders
run 5m
expect release v3 of orders is rolling back
release orders v4
until approval orders
run 1m
expect release v3 of orders is overtaken
expect release v4 of orders is baking
dlq orders 25
run 20m
dlq orders 0
run 30m
expect orders runs v1
expect orders-canary runs v1
expect the approval of orders is closed
