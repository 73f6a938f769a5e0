# The same a moment later: the approval was given, stable is being deployed, and all of it is taken back.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 9m
dlq orders 25
until orders of orders is given v2
until release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
expect one release of orders
