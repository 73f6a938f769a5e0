# The clock stands still from the moment of the rollback. When the alarm goes off once more, all is right, and that look closes the release.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
until alarm orders
clock off
dlq orders 0
run 30m
dlq orders 25
until alarm orders
until closed orders
