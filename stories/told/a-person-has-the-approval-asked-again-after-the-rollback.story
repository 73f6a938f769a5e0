# After the rollback a person has the failed approval asked again. Nobody has put the revision on the canary, so it must not be promoted unseen.
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
run 10m
expect orders-canary runs v1
expect one release of orders
