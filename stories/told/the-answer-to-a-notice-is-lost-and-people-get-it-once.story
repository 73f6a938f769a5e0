# The notice is on its way, and whoever sent it does not hear so: it is sent again and again, and people get it once.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
mute stepfunctions StartExecution for 20m
run 30m
expect one notice of approval
ann approves orders
until closed orders
expect release of orders is promoted
expect one notice of approval
