# Serin approves what has baked for ten minutes. In the eighth the alarm rings: v2 is taken back, and never approved.
serin deployed
policy orders {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until approval orders
run 4m
dlq orders 25
run 20m
dlq orders 0
run 10m
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
