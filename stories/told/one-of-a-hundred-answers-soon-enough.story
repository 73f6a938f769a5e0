# One box behind a load balancer, for ever one request of a hundred: the alarm is on the slowest tenth of what it answers,
# above three seconds in three of four minutes. This revision is as fast as the one before.
serin deployed
a load balancer before shop 1 to 99, watched for slow answers
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"traffic": {"resting_share_permille": 10}, "steps": [{"share_permille": 10, "bake_minutes": 15}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
release shop v2
until shop-canary of shop is given v2
until closed shop
expect release of shop is promoted
expect alarm shop is quiet
expect shop runs v2
expect the weights of shop are 1 to 99
