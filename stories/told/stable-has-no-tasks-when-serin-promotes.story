# Stable is scaled to nothing: a service without tasks proves nothing, so the promote action fails at the deadline and
# says so, and the canary goes back.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
release orders v2
until release of orders is gated
dave scales orders to 0
run 2h
expect release of orders is rolled back
expect action Everybody of orders failed with orders did not come to run the revision within 30 minutes: it is scaled to no tasks
expect orders-canary runs v1
