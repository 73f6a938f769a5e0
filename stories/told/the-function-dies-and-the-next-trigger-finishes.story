# The function dies right after the fact was written down, a person approves meanwhile; the tick finishes.
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
