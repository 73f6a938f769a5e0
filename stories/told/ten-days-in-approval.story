# Nobody answers the approval for ten days: the clock survives its laps, and the alarm on the tenth day still finds the release.
serin deployed
policy orders through source Source, build Build, canary Canary, approval Gate 20d, stable Stable
push orders v2
release orders v2
until approval orders
quietly
run 10d
aloud
expect release of orders is baking
expect the approval of orders is open
expect one release of orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
