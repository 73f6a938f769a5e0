# A person has CodePipeline roll the last stage back to the execution before: that starts no release.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is promoted
release orders v3
until approval orders
ann approves orders
until release of orders is promoted
until execution v3 of orders is Succeeded
run 40m
expect release v3 of orders is promoted
ann rolls back CanaryDeploy of orders to v2
run 30m
expect 2 releases of orders
expect orders-canary runs v2
expect orders runs v3
expect no release is open
