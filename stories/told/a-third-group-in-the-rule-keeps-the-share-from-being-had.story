# With a third group in the rule no share is what its weights say: none is given, and the release waits until it is gone.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
ann gives a third group 100 beside 1 and 99 in the rule of shop
push shop v2
release shop v2
until shop-canary of shop is given v2
run 20m
expect release of shop is baking
expect the weights of shop are 1 to 99
ann sets the weights of shop to 1 and 99
until closed shop
expect release of shop is promoted
expect the weights of shop are 1 to 99
