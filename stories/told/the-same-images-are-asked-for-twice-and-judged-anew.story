# While what ann released bakes, bob asks for the very same images. The canary runs them already, so ECS begins no deployment:
# bob's release is judged from that moment on, and is promoted. Then the same again with a bad version: bob's takes it out,
# and what goes back is what ran before ann's.
serin deployed
policy orders {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 0}
push orders v2
ann releases v2 of orders by hand because the build is green
until release of orders is baking
run 4m
bob releases v2 of orders by hand because nobody told me that it is on its way
run 8m
expect release of orders is baking
until closed orders
expect release of orders is promoted
expect orders-canary runs v2
expect orders runs v2
push orders v3
ann releases v3 of orders by hand because the next one
until release of orders is baking
run 4m
bob releases v3 of orders by hand because once more
run 2m
expect release of orders is baking
dlq orders 25
until closed orders
expect release of orders is rolled back
expect orders-canary runs v2
expect orders runs v2
