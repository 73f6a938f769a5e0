# Without the ledger nothing is decided: the events are tried again, then kept as failed, and say what is denied.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
run 2m
nobody may dynamodb:UpdateItem
dlq orders 25
until alarm orders
run 2m
quietly
run 18m
aloud
expect orders-canary runs v2
everybody may dynamodb:UpdateItem again
until closed orders
expect orders-canary runs v1
expect release of orders is rolled back
