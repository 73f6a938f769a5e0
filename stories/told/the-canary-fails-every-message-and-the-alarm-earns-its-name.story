# What the canary fails comes back and is received by whoever asks next: of four tasks one is the canary's, so one in
# four of what it failed is received by it again, and is dead after two receives. The alarm is earned, the bad task is
# stopped, and after that the bad revision receives nothing any more.
serin deployed
policy orders with open
orders has a queue of 5 messages a second, received 2 times at most
push orders v2
v2 of orders fails every message
release orders v2
until orders-canary of orders is given v2
until alarm orders
expect v2 of orders handled no message
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect v2 of orders received nothing from 5s after the alarm on
expect one in 4 of what v2 of orders saw first lost
expect every message of orders accounted for
