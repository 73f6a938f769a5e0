# CloudWatch is silent when the bake is over. Nothing is approved on what cannot be read; when it answers again, it is.
serin deployed
policy orders {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until approval orders
run 5m
down cloudwatch for 30m
run 20m
expect orders runs v1
expect the approval of orders is open
run 30m
expect orders runs v2
run 1h
expect release of orders is promoted
