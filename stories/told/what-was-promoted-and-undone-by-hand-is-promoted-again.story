# v2 is promoted, and by hand stable is put back to v1. When v2 is released again, the canary has it already; stable gets
# it all the same.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
release orders v2
until release of orders is promoted
dave gives v1 to orders by hand
run 20m
release orders v2
run 3h
expect orders runs v2
