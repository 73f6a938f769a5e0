# The pipeline is abandoned in the seconds before its deploy action wrote; ECS gets the write later.
policy orders
push orders v2
release orders v2
open orders
late-write 300
until approval orders
run 3m
before rollback's PutApprovalResult ann approves orders
dlq orders 25
until alarm orders
until closed orders
