# A second execution gives the canary the very same version while the first waits; then the alarm. Neither may promote it.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
run 1m
the build of orders takes 1s
release orders v2
run 3m
dlq orders 25
run 10m
dlq orders 0
run 30m
expect orders runs v1
expect orders-canary runs v1
expect the approval of orders is closed
