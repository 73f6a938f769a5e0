# Bob abandons the execution in the first seconds of its canary action, which writes ten minutes later all the same. The
# release waits for that: what comes is its own, and is taken back.
serin deployed
policy orders with open
push orders v2
late-write 600
release orders v2
run 65s
bob stops orders and abandons what runs
run 5m
expect release of orders is deploying
run 90m
expect orders-canary runs v1
expect one release of orders
expect release of orders is rolled back
