# The revision cannot start, so the canary's stage fails and the release is rolled back. Its image is repaired under the same tag, and a person has the stage tried again: another release, judged from the beginning.
serin deployed
policy orders
push orders v2 which cannot start
push orders v3
release orders v2
until release of orders is rolled back
until execution of orders is Stopped
expect orders-canary runs v1
run 5m
tag v2 of orders moves to v3
ann retries CanaryDeploy of orders
until release of orders is baking
expect 2 releases of orders
until approval orders
expect orders-canary runs v3
expect orders runs v1
ann approves orders
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
expect execution of orders is Succeeded
expect 2 releases of orders
