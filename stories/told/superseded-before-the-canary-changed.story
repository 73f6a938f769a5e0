# The second execution overtakes the first while that one still waits in front of the canary: one release, not two.
serin deployed
policy orders with open
push orders v2
push orders v3
the build of orders takes 10m
release orders v2
run 1m
the build of orders takes 1m
release orders v3
until release of orders is baking
until approval orders
expect one release of orders
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
