# Every event of pipeline and services is lost, and nothing sweeps: the alarm is the first thing that is heard.
serin deployed
policy orders
only the alarm is heard
push orders v2
release orders v2
until approval orders
expect no release
run 3m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect one release of orders
