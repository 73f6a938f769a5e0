# A release rolls back; people hear it as soon as the services are back, before it closes.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
run 5m
dlq orders 25
until alarm orders
until closed orders
run 10m
expect release of orders is rolled back
expect one notice of rolled-back
expect one event of rolled-back
