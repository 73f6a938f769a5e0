# The same poison, but the worker does not know SIGTERM: it goes on receiving until its stop time is over, half a
# minute later, and drops what it has in hand.
serin deployed
policy orders with open
orders has a queue of 5 messages a second, received 2 times at most, by workers that ignore SIGTERM
push orders v2
v2 of orders fails every message
release orders v2
until orders-canary of orders is given v2
until alarm orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect v2 of orders received nothing from 35s after the alarm on
expect v2 of orders dropped messages
expect every message of orders accounted for
