# The rest of a step's bake is skipped, then the next step bakes as long as it is to; the rest of the watch is skipped too.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
run 2m
ann orders skip of orders because nobody is awake anyway
run 4m
expect release of orders is baking
until release of orders is watching
ann orders skip of orders because it is fine
run 4m
expect release of orders is promoted
expect orders runs v2
