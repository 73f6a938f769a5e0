# What a person says counts whenever it is said: the canary has not baked yet, and goes back.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 4m
ann rejects orders
until release of orders is rolled back
expect execution of orders is Failed
expect orders-canary runs v1
expect orders runs v1
expect 0 notices of approval
