# No alarm is there: Serin itself measures the slowest tenth of the canary's answers. One in five takes long, which no
# average would show.
serin deployed
a load balancer before shop 1 to 99
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "metric", "metric": {"namespace": "AWS/ApplicationELB", "name": "TargetResponseTime", "statistic": "TM(90%:100%)", "dimensions": [{"name": "LoadBalancer", "value": "{balancer}"}, {"name": "TargetGroup", "value": "{canary group}"}], "period_minutes": 1, "periods": 3, "max": 3}}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 5, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
1 answer of 5 of v2 of shop takes 4000 to 6000 ms
release shop v2
until shop-canary of shop is given v2
until closed shop
expect release of shop is rolled back
expect shop-canary runs v1
expect shop runs v1
expect the weights of shop are 1 to 99
