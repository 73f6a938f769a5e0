# A good release of a queue worker: the messages keep coming all the time, and none is lost.
serin deployed
policy orders with open
orders has a queue of 5 messages a second, received 3 times at most
push orders v2
release orders v2
until approval orders
run 5m
ann approves orders
until orders of orders runs v2
until closed orders
expect orders runs v2
expect orders-canary runs v2
expect release of orders is promoted
expect no message of orders lost
expect v2 of orders failed no message
expect v2 of orders handled messages
expect every message of orders accounted for
