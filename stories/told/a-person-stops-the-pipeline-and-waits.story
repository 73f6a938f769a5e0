# A person tells the execution to stop while it waits at its approval: it can promote nothing any more, and nobody answers.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
run 1m
ann stops orders
run 30m
expect orders-canary runs v1
expect the approval of orders is closed
expect release v2 of orders is rolled back
