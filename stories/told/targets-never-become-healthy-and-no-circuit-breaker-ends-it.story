# None of its tasks passes a health check, and no circuit breaker of ECS ends that: the canary has no more than at rest until
# its deploy action gives up after an hour, and then it goes back.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
ECS ends no deployment of shop-canary by itself
push shop v2
health checks of v2 of shop fail
release shop v2
until shop-canary of shop is given v2
run 30m
expect release of shop is baking
expect the weights of shop are 1 to 99
until closed shop
expect release of shop is rolled back
expect shop-canary runs v1
expect shop runs v1
expect the weights of shop are 1 to 99
