# The pipeline still builds: an alarm at this moment says nothing about the release and touches nothing.
policy orders
push orders v2
the build of orders takes 10m
release orders v2
open orders
dlq orders 25
until alarm orders
run 1m
dlq orders 0
until approval orders
run 10m
