# Somebody pushes over the tag that the baseline names: the rollback goes to what ran before, not to what the tag means now.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
tag v1 of orders moves to v3
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
