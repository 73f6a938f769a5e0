# CodePipeline answers nothing for twenty minutes: the services are restored all the same.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
down codepipeline for 20m
until alarm orders
until closed orders
