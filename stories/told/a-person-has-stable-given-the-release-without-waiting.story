# A person promotes in the middle of the bake: stable is given the revision at once, and the pipeline's own promote job
# finds it done.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
run 2m
ann orders promote of orders because it fixes the outage
until release of orders is watching
expect orders runs v2
until execution of orders is Succeeded
until closed orders
expect release of orders is promoted
