# The dead-letter queue is full already, and the policy says arm_on_recovery: the fix goes out, the alarm recovers, and from then on it counts.
serin deployed
policy orders with open
dlq orders 25
until alarm orders
push orders v2
release orders v2
until approval orders
run 10m
expect release of orders is baking
expect orders-canary runs v2
dlq orders 0
run 10m
expect alarm orders is silent
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
