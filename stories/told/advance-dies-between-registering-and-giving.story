# Serin has registered what stable is to get, and the function dies before it has written that down or given it: the next
# look takes the same definition, and stable gets it once.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
release orders v2
until release of orders is gated
run 20s
let advance die after 16
run 20m
expect orders runs v2
until release of orders is promoted
expect orders runs v2
