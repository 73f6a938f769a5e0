# Somebody has put up a page that says "closed for now". The rule is there, and shares nothing out: the release is held, and
# the canary goes back without it. As nothing forwards to it, it is not found healthy as long as the page is up: that is
# for people.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 500 to 500
run 1m
ann has the rule of shop answer by itself
run 2m
expect release of shop is baking
dlq shop 25
until alarm shop
until release of shop is rollback failing
expect shop-canary runs v1
