# DynamoDB refuses for two minutes, and the alarm rings in the middle of them: the rollback comes as soon as it answers.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
run 3m
dlq orders 25
at 03:09:30
down dynamodb for 2m
until alarm orders
expect orders-canary runs v2
run 90s
until release of orders is rolling back
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect one release of orders
