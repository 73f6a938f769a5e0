# Who changes a rule that signs people in by Cognito must be allowed to look at the pool's client, whoever shifts: on
# the way there and on the way back.
serin deployed
a load balancer before shop 1 to 99, behind a sign-in by Cognito
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 500 to 500
run 2m
dlq shop 25
until alarm shop
run 10s
expect the weights of shop are 1 to 99
until closed shop
expect release of shop is rolled back
