# A person approves in the instant between our look at the approval and our answer to it.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
before rollback's PutApprovalResult ann approves orders
dlq orders 25
until alarm orders
until closed orders
