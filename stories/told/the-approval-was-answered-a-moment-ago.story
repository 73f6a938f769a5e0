# A person approves in the seconds between the alarm and our answer to the approval.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
clock off
dlq orders 25
let rollback die after 2
until alarm orders
run 5s
ann approves orders
run 10s
clock on
until closed orders
