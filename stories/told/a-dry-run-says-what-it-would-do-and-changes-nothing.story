# A team tries Serin on a service whose pipeline it already has: dry_run. The canary is bad and rings the alarm; Serin
# writes down what it would do, its own action lets the execution go on, and what people then promote is theirs.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"dry_run": true, "approval": "automatic", "steps": [{"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders runs v2
run 2m
expect orders-canary has 1 task
dlq orders 25
until closed orders
expect release of orders is would roll back
expect orders-canary runs v2
ann orders abort of orders because it is bad
until execution of orders is Succeeded
expect orders runs v2
expect orders-canary runs v2
run 30m
expect no release is open
