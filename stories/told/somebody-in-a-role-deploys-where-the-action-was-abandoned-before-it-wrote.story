# Bob acts in a role, as the pipeline does, and the role alone could be the pipeline's for all anybody knows. But the release before has shown in which role its action registers what it gives the canary, and that is another one.
serin deployed
policy orders with open
push orders v2
push orders v3
push orders v4
quietly
release orders v2
until approval orders
ann approves orders
until release of orders is promoted
aloud
release orders v3
run 65s
ann stops orders and abandons what runs
run 5m
expect release v3 of orders is deploying
admins/bob gives v4 to orders-canary by hand
run 5m
expect release v3 of orders is overtaken
run 80m
expect orders-canary runs v4
expect orders runs v2
