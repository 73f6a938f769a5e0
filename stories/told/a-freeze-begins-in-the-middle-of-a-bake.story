# Somebody freezes the policy while its first step bakes: the step is finished and nothing goes on from there. Orders to go
# on are refused as long as that is so; then everything goes on by itself.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
run 2m
ben freezes orders until 2026-11-21T05:00:00Z because the warehouse counts its stock
run 5s
ann orders approve of orders because I do not know of that
ann orders skip of orders because I do not know of that
run 1h
expect release of orders is baking
expect orders-canary has 1 task
expect orders runs v1
ann thaws orders because the stock is counted
until closed orders
expect release of orders is promoted
expect orders runs v2
