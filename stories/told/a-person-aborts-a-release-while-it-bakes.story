# A person aborts what bakes: nothing has failed, and what they say is the cause that everybody reads.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
run 3m
ann orders abort of orders because customers call about duplicate invoices
until closed orders
expect release of orders is rolled back
expect execution of orders is Failed
expect orders-canary runs v1
expect orders runs v1
