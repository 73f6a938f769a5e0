# No pipeline at all: a person has Serin release an image. Its canary is given it by digest, bakes, and stable is given the
# same by Serin; the next one is bad, and goes back by itself.
serin deployed
policy orders {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
ann releases v2 of orders by hand because the build is green
run 5s
until release of orders is baking
until closed orders
expect release of orders is promoted
expect orders-canary runs v2
expect orders runs v2
push orders v3
ann releases v3 of orders by hand because the next one
until release of orders is baking
run 3m
dlq orders 25
until closed orders
expect release of orders is rolled back
expect orders-canary runs v2
expect orders runs v2
