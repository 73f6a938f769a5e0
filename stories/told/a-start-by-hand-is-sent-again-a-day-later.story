# A start is sent again: at once, while its alarm rings that blocks every other start, a day later with another release opened
# and closed since, and while the next one bakes. It is the same start each time, and nothing is released for it again.
serin deployed
policy orders {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "on_new_release": "continue", "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "block", "insufficient_data": "ok"}]}
push orders v2
ann releases v2 of orders by hand because the build is green
start 1 is sent again
until release of orders is baking
start 1 is sent again
run 10s
until closed orders
expect release of orders is promoted
start 1 is sent again
run 10s
push orders v3
ann releases v3 of orders by hand because the next one
until release of orders is baking
until closed orders
expect orders runs v3
run 24h
dlq orders 25
until alarm orders
start 1 is sent again
start 2 is sent again
run 10s
dlq orders 0
run 10m
start 1 is sent again
start 2 is sent again with v2 of orders
run 10m
expect 2 releases of orders
push orders v4
ann releases v4 of orders by hand because of v4
until release of orders is baking
start 1 is sent again
run 10s
expect release of orders is baking
until release of orders is watching
start 1 is sent again
start 2 is sent again
until closed orders
expect 3 releases of orders
expect orders runs v4
expect orders-canary runs v4
