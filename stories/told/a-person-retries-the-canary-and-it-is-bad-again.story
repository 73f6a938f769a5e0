# The same with our own action in the canary's stage, and nothing repaired: the second release is rolled back as the first was.
serin deployed
policy orders with open
push orders v2 which cannot start
release orders v2
until release of orders is rolled back
until execution of orders is Stopped
run 5m
ann retries CanaryDeploy of orders
until release of orders is rolling back
until release of orders is rolled back
until execution of orders is Stopped
run 20m
expect 2 releases of orders
expect orders-canary runs v1
expect orders runs v1
expect no release is open
