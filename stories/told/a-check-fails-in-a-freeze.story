# Rolling back is always allowed.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
ben freezes orders because the warehouse counts its stock
run 2m
dlq orders 25
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
