# Both actions are Serin's: one waits until v2 has baked, the other gives stable v2 by digest and follows ECS to the end.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}]}
push orders v2
release orders v2
until release of orders is watching
expect orders runs v2
run 1h
expect release of orders is promoted
expect orders runs v2
expect orders-canary runs v2
