# The poison that no alarm on the dead-letter queue sees: the canary fails every message, and of a message that may be
# received five times hardly one in 256 meets nobody but the canary. Somebody approves; then there is no stable left
# that retries, everything dies, and both services go back.
serin deployed
policy orders with open
orders has a queue of 2 messages a second, received 5 times at most
push orders v2
v2 of orders fails every message
release orders v2
until approval orders
run 40m
expect alarm orders is silent
expect between 1 and 9 messages of orders lost
expect one in 256 of what v2 of orders saw first lost
expect v2 of orders handled no message
ann approves orders
until alarm orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect v2 of orders handled no message
expect every message of orders accounted for
