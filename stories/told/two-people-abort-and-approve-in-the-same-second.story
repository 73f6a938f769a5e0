# Two people who do not know of each other: whichever is heard first, the release goes back, and the other one hears why.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
run 3m
ben orders approve of orders because it looks good to me
ann orders abort of orders because it does not to me
until closed orders
expect release of orders is rolled back
expect orders runs v1
push orders v3
release orders v3
until orders-canary of orders runs v3
run 3m
ann orders abort of orders because it still does not
ben orders approve of orders because it does to me
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
