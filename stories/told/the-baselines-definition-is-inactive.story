# Somebody cleaned up old task definitions, the one we must go back to among them.
policy orders
push orders v2
release orders v2
open orders
until approval orders
deregister the baseline of orders-canary
run 3m
dlq orders 25
until alarm orders
until closed orders
