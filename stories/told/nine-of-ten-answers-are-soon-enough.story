# One answer in twenty takes long. Nine of ten are there in time, which is what this policy asks for.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "metric", "metric": {"namespace": "AWS/ApplicationELB", "name": "TargetResponseTime", "statistic": "p90", "dimensions": [{"name": "LoadBalancer", "value": "{balancer}"}, {"name": "TargetGroup", "value": "{canary group}"}], "period_minutes": 1, "periods": 3, "max": 1}}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 5, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
1 answer of 20 of v2 of shop takes 4000 to 6000 ms
release shop v2
until shop-canary of shop is given v2
until closed shop
expect release of shop is promoted
expect shop runs v2
expect the weights of shop are 1 to 99
