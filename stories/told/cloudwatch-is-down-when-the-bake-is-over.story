# CloudWatch is silent when the bake is over. Nothing is approved on what cannot be read; when it answers again, it is.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 5}]}
push orders v2
release orders v2
until release of orders is baking
run 2m
down cloudwatch for 30m
run 25m
expect orders runs v1
run 30m
expect orders runs v2
run 1h
expect release of orders is promoted
