# The canary is scaled to nothing in the bake and has tasks again at its end: it bakes anew, as nobody ran v2 meanwhile.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 20}]}
push orders v2
release orders v2
until release of orders is baking
run 3m
dave scales orders-canary to 0
run 17m
dave scales orders-canary to 1
run 2h
expect orders runs v2
