# Stable is hot-fixed by hand while a release waits for its approval: the fix stays, the release cannot undo it, and ends overtaken.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
ann gives v3 to orders by hand
until release of orders is overtaken
expect orders runs v3
expect orders-canary runs v1
expect the approval of orders is closed
run 30m
expect orders runs v3
expect one release of orders
