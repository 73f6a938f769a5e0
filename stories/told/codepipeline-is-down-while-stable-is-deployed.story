# CodePipeline falls silent after it has told ECS to deploy stable: both services are sent back all the same.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
at 03:07:00
ann approves orders
until orders of orders is given v2
down codepipeline for 20m
until alarm orders
until closed orders
