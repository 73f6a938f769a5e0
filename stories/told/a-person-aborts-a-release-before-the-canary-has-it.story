# A person aborts what the canary is about to be given: its execution is stopped, and whatever its action still gives the
# canary is taken off it.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is deploying
ann orders abort of orders because wrong branch
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
