# Whatever else a rule does is sent back as it was, the secret included, which no answer shows.
serin deployed
a load balancer before shop 1 to 99, behind a sign-in, sticky for 120s
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until closed shop
expect release of shop is promoted
expect the weights of shop are 1 to 99
expect people still sign in before shop
