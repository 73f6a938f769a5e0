# Approval, promotion and a test stand in one stage, in a pipeline that has never come so far: two of its actions have no execution to read when the alarm comes.
serin deployed
policy orders through source Code, build Pack, canary Small, approval Boss + stable Everybody + test Afterwards, test Later
push orders v2
release orders v2
until approval orders
run 5m
expect release of orders is baking
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect execution of orders is Failed
expect one release of orders
