# The same where it is a person who ends the execution: neither is the other's fault.
serin deployed
policy orders through source Code, build Pack, canary OrdersCanary + canary BillsCanary of bills, approval Ask, stable Orders + stable Bills of bills
policy bills on the pipeline of orders
push orders v2
release orders v2
until release of bills is baking
until approval orders
run 5m
ann rejects orders
until release of orders is rolled back
until release of bills is rolled back
expect orders-canary runs v1
expect bills-canary runs v1
expect no release is open
