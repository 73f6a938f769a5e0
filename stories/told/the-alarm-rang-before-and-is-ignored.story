# The dead-letter queue is full already, and the policy says ignore: the release is judged by what rings later, and by nothing else.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "ignore", "insufficient_data": "ok"}]}
dlq orders 25
until alarm orders
push orders v2
release orders v2
until approval orders
run 5m
ann approves orders
until release of orders is promoted
expect orders runs v2
expect orders-canary runs v2
expect alarm orders is ringing
