# The queue is full before v2 comes, so its alarm says nothing about v2. Serin waits until it has recovered; then it
# approves.
serin deployed
policy orders {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
dlq orders 25
until alarm orders
release orders v2
until approval orders
run 30m
expect orders runs v1
expect the approval of orders is open
dlq orders 0
run 30m
expect orders runs v2
run 1h
expect release of orders is promoted
