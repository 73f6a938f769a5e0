# Serin has let v2 go on, and in the same second the alarm rings, before stable is given anything: the promote action fails.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}]}
push orders v2
release orders v2
until release of orders is baking
run 5m
dlq orders 25
until action Word of orders is Succeeded
ann has the alarm of orders ring
until closed orders
dlq orders 0
expect release of orders is rolled back
expect action Everybody of orders failed with is rolled back: alarm orders-dlq-depth in ALARM
expect orders-canary runs v1
expect orders was given nothing
expect orders runs v1
