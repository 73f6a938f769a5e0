# Ann does not wait for the bake to end. Her word counts: stable gets v2, and is watched.
serin deployed
policy orders with open {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 30}]}
push orders v2
release orders v2
until approval orders
run 2m
ann approves orders
until release of orders is watching
run 1h
expect release of orders is promoted
expect orders runs v2
