# A person rejects and has the stage tried again between our look and our answer: the token is another one by then.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
before rollback's PutApprovalResult ann rejects orders and retries
dlq orders 25
until alarm orders
until closed orders
