# A person approves the first release in the very moment in which the second takes its place: its promotion is abandoned in its first seconds, and writes five minutes later. That is nobody's hot fix: it is taken back, and the second release with it.
serin deployed
policy orders
late-write 300
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
release orders v3
at 03:07:46
before watch's TransactWriteItems ann approves orders
until execution v2 of orders is Stopped
expect release v2 of orders is superseded
expect orders runs v1
until release of orders is rolling back
until release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
expect 2 releases of orders
run 30m
expect orders runs v1
expect no release is open
