# Fargate Spot takes the canary's task back in mid-message. ECS starts another, the message comes back when its time is
# over, and the release goes on.
serin deployed
policy orders with open
orders has a queue of 3 messages a second, received 3 times at most, handled in 1s, by workers that ignore SIGTERM
push orders v2
release orders v2
until approval orders
run 2m
Spot takes a task of orders-canary
run 5m
expect v2 of orders dropped messages
expect v2 of orders failed no message
expect no message of orders lost
ann approves orders
until closed orders
expect release of orders is promoted
expect no message of orders lost
expect every message of orders accounted for
