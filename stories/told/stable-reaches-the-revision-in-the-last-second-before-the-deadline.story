# Stable has no tasks while it is given v2, and somebody gives it its own again so late that it runs v2 between the last look
# before the deadline and the first one after it. What it has reached by then is reached: nothing is taken back.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}], "watch_minutes": 10}
no event of pipeline or service is heard
push orders v2
release orders v2
until release of orders is promoting
dave scales orders to 0
run 28m
run 40s
dave scales orders to 3
run 40s
expect release of orders is promoting
until release of orders is promoted
expect orders runs v2
expect orders-canary runs v2
