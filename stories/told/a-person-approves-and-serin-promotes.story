# A person approves before the bake is over; the promotion is Serin's and waits for it all the same.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approval Boss, promote Everybody {"promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until approval orders
run 2m
ann approves orders
run 3m
expect orders runs v1
expect release of orders is baking
until release of orders is watching
run 1h
expect release of orders is promoted
expect orders runs v2
