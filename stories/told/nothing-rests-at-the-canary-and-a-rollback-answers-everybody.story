# Half of all requests go to the canary when the alarm rings, and none when nothing is released. Its bad tasks are stopped
# once the weights are back: nobody is sent to a group without a task.
serin deployed
a load balancer before shop 0 to 100
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until the weights of shop are 500 to 500
run 2m
dlq shop 25
until alarm shop
run 1m
expect the weights of shop are 0 to 100
until closed shop
expect release of shop is rolled back
expect shop-canary runs v1
expect no request before shop is answered with 503
