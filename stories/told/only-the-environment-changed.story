# Not the image but the environment changed, by hand: that is a release too, and the alarm takes it back.
serin deployed
policy orders
ann changes only the environment of orders-canary
until release of orders is baking
run 3m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect one release of orders
