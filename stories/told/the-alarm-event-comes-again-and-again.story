# Three times at once, and once more when all is over.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
until alarm orders
alarm again 3
until closed orders
alarm again 1
