# Ann abandons the execution in the first seconds of its canary action, and five minutes later bob deploys v3 to the canary by hand. A user of the account acts for no pipeline: v3 is bob's, and no release of the execution.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
run 66s
ann stops orders and abandons what runs
run 5m
expect release v2 of orders is deploying
bob gives v3 to orders-canary by hand
run 5m
expect release v2 of orders is overtaken
run 80m
expect orders-canary runs v3
expect orders runs v1
