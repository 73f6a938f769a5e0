# Serin's approve action waits while v2 bakes. In the fourth minute the alarm rings: the action fails with the alarm's
# name, the pipeline is not stopped by anybody, and v2 is taken back.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until release of orders is baking
run 4m
dlq orders 25
run 20m
dlq orders 0
run 10m
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
