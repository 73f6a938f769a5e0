# Both sides are scaled automatically. Stable takes no task away while fewer and fewer requests reach it, but may still grow,
# and the canary with it. Once the canary carries everything it is scaled as stable was. What is retired is scaled by nobody,
# or its fewest tasks would come back. The next release is taken back, and everything is as it was before it.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "checks": [{"kind": "alarm", "name": "shop-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
shop scales automatically from 2 to 8
shop-canary scales automatically from 2 to 8
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 500 to 500
run 2m
expect the scaling of shop-canary is suspended
automatic scaling gives shop 2
expect shop has 3 tasks
automatic scaling gives shop 4
expect shop has 4 tasks
until shop-canary has 4 tasks
until the weights of shop are 999 to 0
run 4m
expect shop-canary scales automatically
automatic scaling gives shop-canary 5
automatic scaling gives shop 2
expect shop has 4 tasks
until closed shop
expect release of shop is promoted
expect shop-canary has 5 tasks
expect shop-canary scales automatically
expect shop has 0 tasks
expect the scaling of shop is suspended
automatic scaling gives shop 2
expect shop has 0 tasks
push shop v3
ann releases v3 of shop by hand because the next one
until the weights of shop are 500 to 500
expect shop has 5 tasks
run 2m
dlq shop 25
until closed shop
expect release of shop is rolled back
expect the weights of shop are 999 to 0
expect shop-canary has 5 tasks
expect shop-canary runs v2
expect shop-canary scales automatically
expect shop has 0 tasks
expect the scaling of shop is suspended
