# Half a minute after the canary was given a tenth a person sets back what was there before: that is said and held, and is
# not overwritten as if a call of our own had come late.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 100 to 900
run 30s
ann sets the weights of shop to 1 and 99
run 10m
expect release of shop is baking
expect the weights of shop are 1 to 99
ann sets the weights of shop to 100 and 900
until closed shop
expect release of shop is promoted
expect the weights of shop are 1 to 99
