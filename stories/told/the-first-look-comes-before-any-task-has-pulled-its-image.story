# The canary is seen with the revision while nobody can tell its digests yet; the alarm is the next thing that is heard.
policy orders
push orders v2
release orders v2
open orders
until orders-canary of orders is given v2
tick orders
run 1s
clock off
dlq orders 25
until approval orders
ann approves orders
until orders of orders is given v2
until alarm orders
run 1m
clock on
until closed orders
