# Two sides behind one load balancer. The canary's side is given as many tasks as stable has, then a tenth, then everything:
# it is stable from there on. The old side keeps its tasks until the watch is over. The next release finds the roles exchanged.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 10}
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until shop-canary has 3 tasks
until the weights of shop are 100 to 900
until the weights of shop are 500 to 500
until the weights of shop are 999 to 0
expect shop has 3 tasks
run 9m
expect shop has 3 tasks
until closed shop
expect release of shop is promoted
expect the weights of shop are 999 to 0
expect shop-canary runs v2
expect shop-canary has 3 tasks
expect shop has 0 tasks
push shop v3
ann releases v3 of shop by hand because the next one
until shop has 3 tasks
until the weights of shop are 900 to 100
until the weights of shop are 0 to 999
expect shop-canary has 3 tasks
until closed shop
expect release of shop is promoted
expect shop runs v3
expect shop has 3 tasks
expect shop-canary has 0 tasks
