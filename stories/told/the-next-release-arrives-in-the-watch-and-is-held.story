# Policy on_new_release hold: the second release waits until the first has outlived its watch.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
run 10m
expect orders-canary runs v2
expect one release of orders
until release of orders is promoted
expect release v2 of orders is promoted
until release of orders is baking
expect release v3 of orders is baking
