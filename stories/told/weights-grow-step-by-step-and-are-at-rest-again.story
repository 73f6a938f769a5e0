# Behind a load balancer a share is weights. One of a hundred at rest, then a tenth, then a half, each baked from when it
# was read back; once stable has the revision, one of a hundred again.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until closed shop
expect release of shop is promoted
expect shop-canary runs v2
expect shop runs v2
expect the weights of shop are 1 to 99
