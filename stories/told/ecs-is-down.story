# ECS answers nothing for twenty minutes: the approval is rejected all the same, the services follow.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
down ecs for 20m
until alarm orders
until closed orders
