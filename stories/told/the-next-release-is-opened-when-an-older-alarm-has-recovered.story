# It rang before the canary changed and has recovered since; the job that opens the next release asks what it did meanwhile.
serin deployed
policy orders with open
dlq orders 25
until alarm orders
push orders v2
release orders v2
until approval orders
dlq orders 0
run 8m
expect alarm orders is silent
push orders v3
release orders v3
run 6m
expect orders-canary runs v3
