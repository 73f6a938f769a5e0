# Both sides carry the same: nobody can tell which of them is stable, and nothing begins before somebody says it by the
# weights.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "keep", "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 5}
run 5m
ann sets the weights of shop to 5 and 5
push shop v2
ann releases v2 of shop by hand because the build is green
run 1m
expect no release is open
ann sets the weights of shop to 1 and 0
ann releases v2 of shop by hand because the roles are clear again
until the weights of shop are 0 to 999
until closed shop
expect release of shop is promoted
expect shop runs v2
expect shop-canary runs v1
