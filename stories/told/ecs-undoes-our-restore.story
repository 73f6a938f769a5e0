# A deployment alarm of ECS's own takes back what we restored, twice.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
undo 2 restores of orders-canary
dlq orders 25
until alarm orders
until closed orders
