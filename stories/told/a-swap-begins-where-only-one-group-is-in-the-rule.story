# The rule forwards to the side that is written as the canary, and to nobody else: that one is stable. The other side's group
# is put into the rule with no weight first, and then exchanged as ever. The next release finds both groups in it.
serin deployed
a load balancer before shop 1 to 0
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 5}
ann takes the group of shop out of the rule of shop
expect the weights of shop are 1 to none
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 1 to 0
until the weights of shop are 500 to 500
until the weights of shop are 0 to 999
until closed shop
expect release of shop is promoted
expect shop runs v2
expect shop-canary has 0 tasks
push shop v3
ann releases v3 of shop by hand because the next one
until the weights of shop are 500 to 500
until the weights of shop are 999 to 0
until closed shop
expect release of shop is promoted
expect shop-canary runs v3
expect shop has 0 tasks
