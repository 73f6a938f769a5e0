# A test in the canary's stage fails, and the pipeline is told to roll the stage back by itself: it deploys the execution before to the canary while we take the canary back. That is neither a release nor in our way.
serin deployed
policy orders through source Code, build Pack, canary Small + test Smoke or rolled back, approval Ask, stable Large
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is promoted
action Smoke in Small of orders fails
release orders v3
until release of orders is baking
until execution v3 of orders is Failed
until release of orders is rolled back
run 40m
expect orders-canary runs v2
expect orders runs v2
expect 2 releases of orders
expect no release is open
