# The alarm rings, and the policy says block. Who knows that this release is the fix starts it all the same.
serin deployed
policy orders {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "block", "insufficient_data": "ok"}]}
dlq orders 25
until alarm orders
push orders v2
ann releases v2 of orders by hand because it is the fix
run 10s
expect no release of orders
ann releases v2 of orders despite its alarm because it is the fix
until release of orders is baking
run 3m
dlq orders 0
until closed orders
expect release of orders is promoted
expect orders runs v2
