# A FIFO queue: a share is a share of message groups. One revision fails one message in a hundred; until that is dead,
# nothing else of its group is received by anybody.
serin deployed
policy orders with open
orders has a queue of 4 messages a second, received 3 times at most, in 40 groups
1 message of 100 for orders is poison
push orders v2
v2 of orders fails every poison
release orders v2
until approval orders
run 10m
expect alarm orders is silent
ann approves orders
until alarm orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect every message of orders accounted for
