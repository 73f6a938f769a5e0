# Fixed weights of 1 to 99, for ever: nobody shifts anything, and the bake counts from when the canary's tasks run.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "traffic": {"resting_share_permille": 10}, "steps": [{"share_permille": 10, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until closed shop
expect release of shop is promoted
expect the weights of shop are 1 to 99
