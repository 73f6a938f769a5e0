# Everything is at the new side, and somebody scales the old one to nothing to save its cost. Then the alarm rings: the old side
# is given tasks first, and the weights follow when the first of them runs.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 30}
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 999 to 0
run 1m
ann scales shop to 0
run 3m
dlq shop 25
until alarm shop
run 5s
expect the weights of shop are 999 to 0
until shop has 3 tasks
until the weights of shop are 0 to 1
until closed shop
expect release of shop is rolled back
expect shop runs v1
expect shop has 3 tasks
expect shop-canary has 0 tasks
