# A person stops the execution at its approval: what nobody will promote is taken off the canary.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
run 2m
ann stops orders and abandons what runs
until release of orders is rolled back
expect execution of orders is Stopped
expect orders-canary runs v1
expect orders runs v1
expect one release of orders
