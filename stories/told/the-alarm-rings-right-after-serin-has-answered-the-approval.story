# The same in the second in which Serin has answered the approval: the execution is abandoned before its deploy action gives stable anything, and v2 is taken back.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 9m
dlq orders 25
until action Boss of orders is Succeeded
ann has the alarm of orders ring
until release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
expect orders was given nothing
expect one release of orders
