# Ann abandons the execution in the first seconds of its canary action. Bob deploys v3 to the canary, and half an hour later the action writes v2 over it. That is the execution's, which can promote no more: the canary goes back to what bob gave it.
serin deployed
policy orders with open
push orders v2
push orders v3
late-write 2100
release orders v2
run 66s
ann stops orders and abandons what runs
run 5m
bob gives v3 to orders-canary by hand
run 5m
expect release v2 of orders is overtaken
expect orders-canary runs v3
run 90m
expect orders-canary runs v3
expect orders runs v1
