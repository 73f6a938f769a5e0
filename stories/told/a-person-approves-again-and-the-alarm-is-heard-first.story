# The same where the alarm is the first thing that is heard of it, while stable is still being given the revision.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
dlq orders 25
until release of orders is rolled back
dlq orders 0
run 10m
only the alarm is heard
ann retries ManualApproval of orders
until approval orders
ann approves orders
until orders of orders runs v2
expect one release of orders
dlq orders 25
until release of orders is rolling back
until release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
expect 2 releases of orders
