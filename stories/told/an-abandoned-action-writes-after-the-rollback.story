# Somebody approves between our look and our answer, so the promotion is abandoned in its first seconds; its deploy action writes five minutes later: seen, and taken back.
serin deployed
policy orders
late-write 300
push orders v2
release orders v2
until approval orders
run 3m
before rollback's UpdateItem ann approves orders
dlq orders 25
until alarm orders
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect execution of orders is Stopped
expect one release of orders
