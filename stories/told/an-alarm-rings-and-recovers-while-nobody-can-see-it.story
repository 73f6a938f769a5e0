# Its event is lost and CloudWatch answers nothing while it rings; once it can be asked again, the history tells.
serin deployed
policy orders
the alarm of orders calls nobody
no alarm is heard
push orders v2
release orders v2
until release of orders is baking
until approval orders
down cloudwatch for 15m
dlq orders 25
run 6m
dlq orders 0
run 8m
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect one release of orders
