# Stable has v2, which is bad, and cannot be given v1 back: its image is gone. The fix goes through Serin's own actions all
# the same, and stable is given what the canary has proven.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "deadline_minutes": 10}
push orders v2
push orders v3
release orders v2
until release of orders is watching
image v1 of orders is deleted
dlq orders 25
until release of orders is rollback failing
dlq orders 0
run 10m
release orders v3
until release of orders is promoting
expect release v2 of orders is rollback failed
until release of orders is promoted
expect orders runs v3
expect orders-canary runs v3
