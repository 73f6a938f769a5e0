# The third execution overtakes the second while that one still waits in front of the canary: the second is no release.
serin deployed
policy orders with open
push orders v2
push orders v3
push orders v4
the build of orders takes 5s
release orders v2
run 40s
release orders v3
run 20s
release orders v4
until execution v3 of orders is Superseded
until execution v2 of orders is Failed
until approval orders
expect 2 releases of orders
expect release v2 of orders is superseded
ann approves orders
until release of orders is promoted
expect orders runs v4
expect orders-canary runs v4
expect 2 releases of orders
