# What has begun is finished: half of stable on each revision would be worse. The next release is held before its canary
# changes, and goes on when the freeze is over.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is promoting
ben freezes orders because the auditors are here
run 10m
expect orders runs v2
until closed orders
expect release of orders is promoted
push orders v3
release orders v3
run 30m
expect one release of orders
expect orders-canary runs v2
ben thaws orders because they have left
until release of orders is watching
expect orders runs v3
