# The watch is over, and the old side is about to be scaled to no tasks: its automatic scaling is suspended already. In that
# minute somebody gives the new side another revision. That is theirs, and what has begun is finished.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 5}
shop scales automatically from 2 to 8
shop-canary scales automatically from 2 to 8
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 999 to 0
run 5m
run 20s
expect the scaling of shop is suspended
expect shop has 3 tasks
push shop v3
ann deploys v3 to shop-canary of shop
until closed shop
expect release of shop is overtaken
expect the weights of shop are 999 to 0
until shop-canary of shop runs v3
expect shop has 0 tasks
expect the scaling of shop is suspended
