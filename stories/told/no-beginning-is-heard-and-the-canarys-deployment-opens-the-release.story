# No STARTED of an execution or an action ever comes: the canary's deployment in ECS is the first thing that is heard.
serin deployed
policy orders
no beginning of an execution is heard
push orders v2
release orders v2
until release of orders is baking
run 1m
expect one release of orders
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect one release of orders
