# While Serin gives stable the revision, dave gives it something else: the promote action fails and says whose it is by then, his
# deployment is left alone, and the canary goes back.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
push orders v3
release orders v2
until release of orders is promoting
run 20s
dave gives v3 to orders by hand
until closed orders
run 5m
expect orders runs v3
expect orders-canary runs v1
