# The same beside how it was done before: somebody sees the alarm, rejects the approval and gives the canary what it ran.
# The dry run has said in the first second what it would do; what the person does is seen to be nothing new.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approval Boss, stable Everybody {"dry_run": true, "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
dlq orders 25
until closed orders
expect release of orders is would roll back
expect the approval of orders is open
run 12m
ann rejects orders
ann gives v1 to orders-canary by hand
run 20m
expect orders-canary runs v1
expect release of orders is abandoned
dlq orders 0
run 10m
# The fix is released, and the dry run follows it to its end.
push orders v3
release orders v3
until approval orders
ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v3
