# A person rejects the approval: the canary does not stay on what nobody will promote.
serin deployed
policy orders
push orders v2
release orders v2
until release of orders is baking
until approval orders
run 5m
ann rejects orders
until release of orders is rolled back
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect execution of orders is Failed
expect one release of orders
