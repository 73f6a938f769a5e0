# The release that a person means has closed a moment ago, and another is open by then: neither is touched.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is promoted
ann orders abort of orders because I was too late
run 1m
push orders v3
release orders v3
until orders-canary of orders runs v3
ann orders abort of orders v2 because I mean the one before
run 1m
expect release of orders is baking
ann orders skip of orders v2 because I mean the one before
until closed orders
expect release of orders is promoted
expect orders runs v3
