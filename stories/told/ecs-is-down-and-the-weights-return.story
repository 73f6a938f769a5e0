# Half of all requests go to the canary when the alarm rings, and ECS answers nobody: the weights go back all the same.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 500 to 500
run 2m
dlq shop 25
down ecs for 8m
until alarm shop
run 30s
expect the weights of shop are 1 to 99
until closed shop
expect release of shop is rolled back
expect shop-canary runs v1
