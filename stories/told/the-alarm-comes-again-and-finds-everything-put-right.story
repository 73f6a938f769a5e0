# The clock stands still after a rollback. When the alarm goes off once more, all is right, and that look closes the release.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
until alarm orders
run 3m
clock off
dlq orders 0
run 30m
dlq orders 25
until alarm orders
until closed orders
