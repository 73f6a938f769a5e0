# Nobody has looked since the release was opened, and ECS answers nothing about service revisions for a while: what the
# canary was given, its tasks say.
policy orders
push orders v2
release orders v2
open orders
clock off
until approval orders
run 3m
down ecs DescribeServiceRevisions for 10m
dlq orders 25
until alarm orders
clock on
until closed orders
