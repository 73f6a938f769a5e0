# ECS answers nothing about service revisions: which images the baseline has, its tasks say.
serin deployed
policy orders with open
push orders v2
down ecs DescribeServiceRevisions for 1h
release orders v2
until approval orders
run 3m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect one release of orders
