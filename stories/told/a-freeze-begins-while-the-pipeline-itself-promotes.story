# The pipeline's own action gives stable the revision, and no freeze stops what has begun: it is finished and watched. The next
# release is held before its canary changes.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is promoting
ben freezes orders because the auditors are here
until closed orders
expect release of orders is promoted
expect orders runs v2
push orders v3
release orders v3
run 30m
expect one release of orders
expect orders-canary runs v2
ben thaws orders because they have left
until release of orders is watching
until closed orders
expect release of orders is promoted
expect orders runs v3
