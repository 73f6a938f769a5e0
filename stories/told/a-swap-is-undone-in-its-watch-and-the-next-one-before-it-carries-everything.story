# Everything is at the new side when the alarm rings: the weights go back at once to the old side, which has kept its tasks.
# Only then is the new side emptied. The next one fails with half of the requests.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 30}
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 999 to 0
run 3m
dlq shop 25
until alarm shop
run 5s
expect the weights of shop are 0 to 1
expect shop has 3 tasks
until closed shop
expect release of shop is rolled back
expect shop runs v1
expect the weights of shop are 0 to 1
expect shop-canary has 0 tasks
dlq shop 0
run 10m
push shop v3
ann releases v3 of shop by hand because the fix
until the weights of shop are 500 to 500
run 2m
dlq shop 25
until closed shop
expect release of shop is rolled back
expect shop runs v1
expect the weights of shop are 0 to 1
expect shop has 3 tasks
expect shop-canary has 0 tasks
