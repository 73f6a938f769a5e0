# Ann rejects v2 while v3 is being built, and no event tells of it: the job that opens v3 is the first to see that v2's
# execution is over. v3 takes the canary over, and the way back stays v1.
serin deployed
policy orders with open
no event of pipeline or service is heard
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
release orders v3
run 57s
ann rejects orders
until approval orders
run 2m
expect release v2 of orders is superseded
expect release v3 of orders is baking
dlq orders 25
run 10m
dlq orders 0
run 10m
expect orders-canary runs v1
expect orders runs v1
expect no release is open
