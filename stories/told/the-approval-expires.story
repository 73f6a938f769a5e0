# Nobody answers the approval in time: CodePipeline fails it, and the canary goes back.
serin deployed
policy orders through source Source, build Build, canary Canary, approval Gate 1h, stable Stable
push orders v2
release orders v2
until approval orders
until release of orders is rolled back
expect release of orders is rolled back
expect execution of orders is Failed
expect orders-canary runs v1
expect orders runs v1
expect one release of orders
