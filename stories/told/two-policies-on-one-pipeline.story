# Two policies stand on one pipeline, and one of them is bad: its rollback ends the execution, and the other goes back with it.
serin deployed
policy orders through source Code, build Pack, canary OrdersCanary + canary BillsCanary of bills, approval Ask, stable Orders + stable Bills of bills
policy bills on the pipeline of orders
push orders v2
release orders v2
until release of orders is baking
until release of bills is baking
until approval orders
run 5m
dlq orders 25
until release of orders is rolled back
until release of bills is rolled back
expect execution of orders is Failed
expect the approval of orders is closed
expect orders-canary runs v1
expect orders runs v1
expect bills-canary runs v1
expect bills runs v1
expect one release of orders
expect one release of bills
run 30m
expect no release is open
