# Every event and every question of the pipeline comes twice, and late: a good release is opened, approved and promoted once,
# and a bad one after it is opened and taken back once. Each action has one answer.
serin deployed
everything comes twice and up to 90s late
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
push orders v2
push orders v3
release orders v2
until release of orders is promoted
expect one release of orders
expect execution v2 of orders is Succeeded
expect orders runs v2
expect orders-canary runs v2
release orders v3
until release of orders is baking
dlq orders 25
until release of orders is rolled back
run 30m
expect 2 releases of orders
expect execution v3 of orders is Failed
expect action Word of orders failed with alarm orders-dlq-depth
expect orders runs v2
expect orders-canary runs v2
