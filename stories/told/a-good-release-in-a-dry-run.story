# A good release in a dry run whose action approves: it waits as long as the bake takes and lets go on.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"dry_run": true, "approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is baking
until closed orders
expect release of orders is promoted
expect orders runs v2
