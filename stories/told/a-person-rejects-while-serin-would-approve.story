# Ann rejects in the middle of the bake. Her word counts: v2 is taken back, and Serin approves nothing.
serin deployed
policy orders with open {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until approval orders
run 3m
ann rejects orders
run 40m
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
