# What a person is asked fails a check: the approval is rejected, with the cause.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 30m
expect one notice of approval
dlq orders 25
until release of orders is rolled back
expect the approval of orders is closed
expect execution of orders is Failed
expect orders-canary runs v1
expect orders runs v1
expect one notice of approval
