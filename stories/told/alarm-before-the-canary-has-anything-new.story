# The pipeline still builds: an alarm at this moment says nothing about the release and touches nothing.
policy orders
push orders v2
dlq orders 25
run 2m
release orders v2
open orders
until alarm orders
run 1m
dlq orders 0
until approval orders
run 10m
