# The same poison under a policy whose bad tasks may finish for twenty seconds after the canary was given its baseline:
# nothing is stopped in the step of the restore, and what still runs then is.
serin deployed
policy orders with open {"stop": {"kind": "drain", "seconds": 20}}
orders has a queue of 5 messages a second, received 2 times at most
push orders v2
v2 of orders fails every message
release orders v2
until orders-canary of orders is given v2
until alarm orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect v2 of orders received nothing from 60s after the alarm on
expect every message of orders accounted for
