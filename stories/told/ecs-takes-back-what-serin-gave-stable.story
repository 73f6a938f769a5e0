# ECS takes stable back by itself while it is given v2 (a circuit breaker, or an alarm of its own): the promote action
# fails and says so, and the canary goes back as well.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
release orders v2
until release of orders is baking
undo 1 restores of orders
run 1h
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
