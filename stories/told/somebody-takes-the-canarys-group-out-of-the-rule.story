# Nobody is sent to the canary any more, by a person's own hand: the release is held and says why, and what rolls it back
# does not put the group in again. Until somebody does, what the canary was given is not found healthy.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 100 to 900
run 2m
ann takes the group of shop-canary out of the rule of shop
run 10m
expect release of shop is baking
dlq shop 25
until alarm shop
until release of shop is rollback failing
expect shop-canary runs v1
expect the weights of shop are none to 900
ann sets the weights of shop to 1 and 99
until closed shop
expect release of shop is rolled back
expect the weights of shop are 1 to 99
