# The pipeline is stopped between our action and the canary's deployment: the release touched nothing, and is abandoned.
serin deployed
policy orders through source Source, build Build, open Open + approval Sure + canary Canary, approval Gate, stable Stable
push orders v2
release orders v2
until release of orders is deploying
run 2m
ann stops orders and abandons what runs
until release of orders is abandoned
expect orders-canary runs v1
expect orders runs v1
expect execution of orders is Stopped
expect one release of orders
