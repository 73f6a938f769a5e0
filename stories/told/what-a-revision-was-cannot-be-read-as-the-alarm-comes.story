# Nothing but the alarm is heard, and ECS answers nothing about service revisions for a while.
serin deployed
policy orders
only the alarm is heard
push orders v2
release orders v2
until approval orders
run 3m
down ecs DescribeServiceRevisions for 2m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect one release of orders
