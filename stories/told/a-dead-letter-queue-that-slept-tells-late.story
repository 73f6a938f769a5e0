# A dead-letter queue in which nothing lies and which nobody asks for falls asleep after six hours: no metrics, not even
# zeros. When dead letters come, its metrics may be a quarter of an hour late, and so is the alarm.
serin deployed
policy orders with open
orders has a queue of 2 messages a second, received 2 times at most
quietly
run 7h
aloud
push orders v2
v2 of orders fails every message
release orders v2
until orders-canary of orders is given v2
run 5m
expect alarm orders is silent
expect between 10 and 90 messages of orders lost
until alarm orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect every message of orders accounted for
