# After the rollback a person has the approval asked again and gives it: their order. Stable gets what was rolled back, is watched, and the next alarm takes it back.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
dlq orders 25
until release of orders is rolled back
dlq orders 0
run 10m
ann retries ManualApproval of orders
until approval orders
ann approves orders
until release of orders is watching
expect orders runs v2
expect orders-canary runs v1
expect 2 releases of orders
run 5m
dlq orders 25
until release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
run 30m
expect 2 releases of orders
