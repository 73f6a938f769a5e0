# In a freeze somebody gives the idle side another revision by hand. That is a release, and nothing of it moves forward: its
# side is given no tasks, which would take work of a queue, before the freeze is over.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 5}
ann scales shop-canary to 0
run 5m
ann freezes shop because the warehouse counts its stock
push shop v2
ann deploys v2 to shop-canary of shop
run 10m
expect shop-canary has 0 tasks
expect the weights of shop are 0 to 1
ann thaws shop because it is counted
until shop-canary has 3 tasks
until the weights of shop are 999 to 0
until closed shop
expect release of shop is promoted
expect shop has 0 tasks
