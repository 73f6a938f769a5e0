# A person deploys something else to the canary while the release is open: it is theirs now, and nothing is promoted.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
ann gives v3 to orders-canary by hand
until release of orders is overtaken
expect orders-canary runs v3
expect orders runs v1
expect the approval of orders is closed
run 30m
expect orders-canary runs v3
expect one release of orders
