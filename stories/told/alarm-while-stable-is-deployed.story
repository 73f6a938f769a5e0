# A person approved; the pipeline is giving stable the revision when the alarm goes off.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
at 03:07:00
ann approves orders
until orders of orders is given v2
until alarm orders
until closed orders
