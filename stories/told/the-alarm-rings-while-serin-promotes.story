# Serin gives stable v2, and the alarm rings while ECS replaces the tasks: the promote action fails with the alarm's name,
# and both services run v1 again.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
release orders v2
until release of orders is promoting
dlq orders 25
run 20m
dlq orders 0
run 10m
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
