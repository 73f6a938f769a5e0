# The dead-letter queue is full already, and the policy says block: the release is not opened until the alarm has recovered.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "block", "insufficient_data": "ok"}]}
dlq orders 25
until alarm orders
push orders v2
release orders v2
run 20m
expect no release
expect orders-canary runs v1
dlq orders 0
until release of orders is baking
until approval orders
ann approves orders
until release of orders is promoted
expect orders runs v2
