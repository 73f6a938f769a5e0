# The same the other way: stable is given the revision at once, and the watch begins; Serin takes nothing of that back.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 30}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 4m
ann approves orders
until release of orders is watching
until closed orders
expect release of orders is promoted
expect orders runs v2
expect 0 notices of approval
