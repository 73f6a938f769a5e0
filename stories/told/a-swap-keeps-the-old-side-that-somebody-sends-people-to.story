# Everything is at the new side when somebody sends everybody back to the old one by hand. The watch ends, and the old side is
# not scaled to nothing under them; nor is it when nobody puts the weights back for as long as the deadline.
serin deployed
a load balancer before shop 0 to 1
policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 10}
ann scales shop-canary to 0
run 5m
push shop v2
ann releases v2 of shop by hand because the build is green
until the weights of shop are 999 to 0
run 2m
ann sets the weights of shop to 0 and 100
run 15m
expect shop has 3 tasks
until closed shop
expect shop has 3 tasks
expect the weights of shop are 0 to 100
