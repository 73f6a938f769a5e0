# Nobody answers: when a seventh of its time is left people are reminded, once, and in the end CodePipeline gives the
# approval up, and the canary goes back.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss 140m, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 110m
expect one notice of approval
run 20m
expect 2 notices of approval
expect a notice that says expires at
until release of orders is rolled back
expect execution of orders is Failed
expect orders-canary runs v1
expect orders runs v1
expect 2 notices of approval
