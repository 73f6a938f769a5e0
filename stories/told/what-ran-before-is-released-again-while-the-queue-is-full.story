# v2 is bad and fills the dead letter queue; v1, which stable runs all the time, is released again to take it away. The
# alarm rings while the canary is being given that: it says nothing of what it ran before.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
release orders v1
run 5s
dlq orders 25
run 10m
dlq orders 0
run 20m
ann approves orders
run 2h
expect orders runs v1
expect orders-canary runs v1
expect execution v1 of orders is Succeeded
expect no release is open
