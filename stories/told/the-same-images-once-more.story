# The pipeline runs again with what both services run already: an echo, and no release.
serin deployed
policy orders
release orders v1
until approval orders
run 10m
expect no release
ann approves orders
until execution of orders is Succeeded
run 10m
expect no release
expect orders runs v1
expect orders-canary runs v1
