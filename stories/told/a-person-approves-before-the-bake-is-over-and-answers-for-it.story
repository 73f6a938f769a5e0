# A person lets a release go on in its first step: what is left of the bake is theirs to answer for, and their name stands
# in what the pipeline reads.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
run 3m
ann orders approve of orders because it fixes the outage
run 4m
expect release of orders is watching
until closed orders
expect release of orders is promoted
expect orders runs v2
