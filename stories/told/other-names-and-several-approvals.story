# Other names, two approvals, a test between: the alarm comes while the second approval waits.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approval QA, test Load, approval Boss, stable Everybody, test Afterwards
push orders v2
release orders v2
until approval orders
quinn approves orders
run 5m
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect execution of orders is Failed
