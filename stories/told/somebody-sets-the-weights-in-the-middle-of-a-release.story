# A person gives the canary a third by hand: that is said, nothing goes forward, and it is not overwritten. Put back, the
# step bakes anew.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 100 to 900
run 1m
ann sets the weights of shop to 300 and 700
run 15m
expect release of shop is baking
expect the weights of shop are 300 to 700
ann sets the weights of shop to 100 and 900
until closed shop
expect release of shop is promoted
expect the weights of shop are 1 to 99
