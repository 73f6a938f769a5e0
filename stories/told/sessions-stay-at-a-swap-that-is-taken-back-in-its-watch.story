# Everything is at the new side, where sessions stick for ten minutes, when the alarm rings. The weights are returned at once; the
# new side, on what it ran before, keeps its tasks until the last session may have ended, and until when is said for so long.
serin deployed
a load balancer before shop 0 to 1, sticky for 10m
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 30}
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 999 to 0
run 4m
dlq shop 25
until alarm shop
until the weights of shop are 0 to 1
expect shop runs v1
run 9m
expect shop-canary has 3 tasks
until closed shop
expect release of shop is rolled back
expect shop has 3 tasks
expect shop-canary has 0 tasks
