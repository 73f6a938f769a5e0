# CodePipeline throttles while the release waits at its approval, until well after the alarm.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
run 3m
throttled codepipeline for 10m
dlq orders 25
until release of orders is rolling back
until orders-canary of orders runs v1
until release of orders is rolled back
expect orders runs v1
expect the approval of orders is closed
expect execution of orders is Failed
expect one release of orders
