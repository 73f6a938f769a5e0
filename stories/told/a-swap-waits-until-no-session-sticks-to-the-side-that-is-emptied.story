# Sessions stick to their group for ten minutes. Everything is at the new side, the watch of two minutes is over, and the old
# side keeps its tasks until the last session may have ended. The next release is taken back: the weights are returned at
# once, and its canary, on its baseline again, keeps its tasks for those who are still there.
serin deployed
a load balancer before shop 0 to 1, sticky for 10m
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 2}
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 999 to 0
run 9m
expect shop has 3 tasks
until closed shop
expect release of shop is promoted
expect shop has 0 tasks
push shop v3
ann releases v3 of shop by hand because the next one
until the weights of shop are 500 to 500
run 2m
dlq shop 25
until alarm shop
run 30s
expect the weights of shop are 999 to 0
run 5m
expect shop has 3 tasks
until closed shop
expect release of shop is rolled back
expect shop has 0 tasks
expect shop-canary runs v2
