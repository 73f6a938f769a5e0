# The pipeline runs again with what both services run already. Until a task has pulled its image nobody can know; then the release is dropped, and the pipeline goes its way.
serin deployed
policy orders
release orders v1
until release of orders is abandoned
until approval orders
run 10m
expect the approval of orders is open
ann approves orders
until execution of orders is Succeeded
run 10m
expect one release of orders
expect orders runs v1
expect orders-canary runs v1
