# The policy leaves it to a person, and Serin tells people once it has baked: which release, on what evidence, until when,
# and how to answer.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 5m
expect 0 notices of approval
run 10m
expect one notice of approval
expect a notice that says orders: approval needed for orders-canary
expect a notice that says no check failed
expect a notice that says status=Approved
run 3h
expect one notice of approval
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
expect one notice of approval
