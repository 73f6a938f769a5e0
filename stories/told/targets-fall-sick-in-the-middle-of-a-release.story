# The canary has a tenth when its only task begins to fail its health checks, and ECS replaces it again and again: what
# nobody runs does not bake, so the weights are at rest until a task passes them, and the first step begins anew.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 100 to 900
run 1m
health checks of v2 of shop fail
run 15m
expect the weights of shop are 1 to 99
health checks of v2 of shop pass
until closed shop
expect release of shop is promoted
expect the weights of shop are 1 to 99
