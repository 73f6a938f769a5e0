# DynamoDB refuses from before the canary changes: events find nothing open, their retries and the sweep open the release later.
serin deployed
policy orders
push orders v2
release orders v2
run 50s
down dynamodb for 5m
until release of orders is baking
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect one release of orders
