# Every event and every invocation comes twice, each copy up to ninety seconds late, so that they change places.
serin deployed
policy orders
everything comes twice and up to 90s late
push orders v2
release orders v2
until approval orders
run 5m
dlq orders 25
until release of orders is rolled back
expect one release of orders
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
run 10m
expect one release of orders
