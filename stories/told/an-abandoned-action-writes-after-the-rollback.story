# The person abandons the promotion in its first seconds, and the abandoned deploy action writes five minutes later: seen, and taken back.
serin deployed
policy orders
late-write 300
push orders v2
release orders v2
until approval orders
run 2m
before rollback's UpdateService ann approves orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
run 2h
expect orders runs v1
expect one release of orders
