# Stable has v2, which is bad and cannot go back. The fix goes through Serin's own actions: it is held against v2.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "rollback": "until_promoting"}
push orders v2
push orders v3
release orders v2
until release of orders is watching
dlq orders 25
until release of orders is rollback failing
dlq orders 0
run 10m
release orders v3
until release of orders is promoted
expect orders runs v3
