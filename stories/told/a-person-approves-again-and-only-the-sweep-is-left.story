# The same where no event of pipeline or services reaches us: the sweep finds what stable was given, and the look the alarm.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
dlq orders 25
until release of orders is rolled back
dlq orders 0
run 10m
no event of pipeline or service is heard
no alarm is heard
ann retries ManualApproval of orders
until approval orders
ann approves orders
until release of orders is watching
expect 2 releases of orders
dlq orders 25
until release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
expect 2 releases of orders
