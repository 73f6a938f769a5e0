# Noise: v2 is as good as v1. But a message may be received once, and a task that is stopped does not listen and has a
# batch in hand: those messages come back, and are dead. The depth of a dead-letter queue cannot tell this from poison,
# so a good release is taken back. How many die is a matter of what is in hand.
serin deployed
policy orders with open
orders has a queue of 6 messages a second, received once at most, taken by the 10, handled in 1s, by workers that ignore SIGTERM
push orders v2
release orders v2
until approval orders
run 5m
ann approves orders
until alarm orders
until closed orders
expect v2 of orders failed no message
expect between 10 and 60 messages of orders lost
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
