# The same with a good release: opened once, promoted once, closed once.
serin deployed
policy orders with open
everything comes twice and up to 90s late
push orders v2
release orders v2
until approval orders
run 5m
ann approves orders
until release of orders is promoted
expect one release of orders
expect orders runs v2
expect orders-canary runs v2
run 30m
expect one release of orders
