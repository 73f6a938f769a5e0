# v2 reaches stable, and before its promote action asks again the next release takes over the watch: the action is told
# the truth all the same.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}], "on_new_release": "continue", "watch_minutes": 30}
push orders v2
release orders v2
until release of orders is promoting
push orders v3
run 15s
release orders v3
run 3h
expect orders runs v3
