# Policy on_new_release continue: the watch runs on inside the successor, and an alarm in it brings both back.
serin deployed
policy orders with open {"on_new_release": "continue"}
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
until release of orders is baking
expect release v2 of orders is superseded
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
expect the approval of orders is closed
expect 2 releases of orders
