# Two policies on one pipeline. The first is promoted, and its alarm rings in the watch while a test runs: the execution
# is stopped at once, and the second promotes nothing.
serin deployed
policy orders through source Code, build Pack, canary OC + canary BC of bills, approve OW + approve BW of bills, promote OP, test Smoke, promote BP of bills {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
policy bills on the pipeline of orders {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
push bills v2
action Smoke of orders takes 4m
release orders v2
until release of orders is watching
dlq orders 25
run 1h
expect bills runs v1
expect orders runs v1
