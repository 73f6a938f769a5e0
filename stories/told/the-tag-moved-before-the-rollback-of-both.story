# The same after the promotion: both services go back to what ran before.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
tag v1 of orders moves to v3
ann approves orders
until release of orders is watching
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
