# The revision cannot start and ECS puts the canary back: the release ends, and ECS's own deployment starts no other.
serin deployed
policy orders
push orders v2 which cannot start
release orders v2
until release of orders is rolled back
run 1h
expect one release of orders
expect orders-canary runs v1
expect orders runs v1
expect no release is open
