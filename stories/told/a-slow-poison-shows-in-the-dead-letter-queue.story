# A slow poison: what goes wrong does so only once a task has run for eight minutes.
serin deployed
policy orders with open
orders has a queue of 5 messages a second, received 2 times at most
push orders v2
v2 of orders fails every message after 8m
release orders v2
until approval orders
run 7m
expect alarm orders is silent
expect v2 of orders failed no message
expect no message of orders lost
until alarm orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect v2 of orders handled messages
expect v2 of orders received nothing from 5s after the alarm on
expect every message of orders accounted for
