# DynamoDB refuses for two minutes, from just before the alarm rings: the rollback comes as soon as it answers.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
run 3m
dlq orders 25
down dynamodb for 2m
until alarm orders
down dynamodb for 2m
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect one release of orders
