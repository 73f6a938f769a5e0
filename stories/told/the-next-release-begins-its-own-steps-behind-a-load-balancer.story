# A second execution gives the canary v3 while v2 has a tenth: its release takes over what the first had changed, returns
# the weights, and begins with a tenth of its own.
serin deployed
a load balancer before mails 1 to 99
a load balancer before bills 1 to 99
policy bills through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "bills-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push bills v2
push bills v3
release bills v2
until bills-canary of bills is given v2
until the weights of bills are 100 to 900
release bills v3
until bills-canary of bills is given v3
until closed bills
expect 2 releases of bills
expect release of bills is promoted
expect bills runs v3
expect the weights of bills are 1 to 99
