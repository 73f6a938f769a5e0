# Without its rule no share can be had: the release is held, and its rollback has no weights to return. What ECS gives the
# canary then is never found healthy, as nothing forwards to it: that is for people.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 100 to 900
run 1m
somebody deletes the rule of shop
run 10m
expect release of shop is baking
dlq shop 25
until release of shop is rollback failing
expect shop-canary runs v1
