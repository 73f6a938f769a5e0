# CloudWatch answers nothing for twenty minutes, but its event has come: that is enough.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
down cloudwatch for 20m
until alarm orders
until closed orders
