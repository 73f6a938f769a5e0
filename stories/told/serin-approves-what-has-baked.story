# The policy says that Serin approves: v2 bakes for ten minutes, nothing rings, and nobody has to be there. Stable gets it.
serin deployed
policy orders with open {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until approval orders
run 5m
expect release of orders is baking
expect orders runs v1
run 10m
expect the approval of orders is closed
until release of orders is watching
run 1h
expect release of orders is promoted
expect orders runs v2
