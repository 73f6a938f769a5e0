# And in the watch, long after its execution has ended well.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is watching
run 5m
expect execution of orders is Succeeded
ann orders abort of orders because the new invoices are wrong
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
