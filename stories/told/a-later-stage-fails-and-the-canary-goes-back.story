# A test after the canary fails, before any approval: the pipeline ends without promoting.
serin deployed
policy orders through source Fetch, build Bake, canary Small, test Smoke, approval Ask, stable All
push orders v2
action Smoke of orders fails
release orders v2
until release of orders is rolled back
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect one release of orders
