# ECS names the default rule of a listener where Serin is told of the listener: two masters of the same weights would undo
# each other. The canary gets no share, and people read why.
serin deployed
a load balancer before shop 1 to 99, by default
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
ECS itself sets the weights of shop for shop
push shop v2
release shop v2
until shop-canary of shop is given v2
run 20m
expect release of shop is baking
expect the weights of shop are 1 to 99
ann stops shop and abandons what runs
until closed shop
expect release of shop is rolled back
expect shop-canary runs v1
expect the weights of shop are 1 to 99
