# The pipeline is abandoned just before its deploy action wrote; ECS gets the write a minute later.
policy orders
push orders v2
release orders v2
open orders
late-write 90
until approval orders
run 3m
dlq orders 25
until alarm orders
run 1s
ann approves orders
until closed orders
