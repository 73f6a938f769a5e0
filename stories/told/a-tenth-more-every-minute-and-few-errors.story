# The canary gets a tenth more every minute, up to a half. What counts are the errors of ten minutes: of this revision one
# answer in a thousand is one, and so many would do.
serin deployed
a load balancer before shop 0 to 100
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "expression", "metric": {"expression": "IF(requests > 0, FILL(errors, 0))", "metrics": [{"id": "errors", "namespace": "AWS/ApplicationELB", "name": "HTTPCode_Target_5XX_Count", "statistic": "Sum", "dimensions": [{"name": "LoadBalancer", "value": "{balancer}"}]}, {"id": "requests", "namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum", "dimensions": [{"name": "LoadBalancer", "value": "{balancer}"}]}], "period_minutes": 10, "periods": 1, "max": 40}}], "linear": {"step_permille": 100, "every_minutes": 1, "until_permille": 500}, "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
1 answer of 1000 of v2 of shop is an error
release shop v2
until shop-canary of shop is given v2
until closed shop
expect release of shop is promoted
expect shop runs v2
expect the weights of shop are 0 to 100
