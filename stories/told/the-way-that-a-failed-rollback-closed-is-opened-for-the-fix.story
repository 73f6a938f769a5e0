# Rollback failing: the execution still stops behind the way that was closed. The fix takes its place, and gets through.
serin deployed
policy orders through source Code, build Pack, canary Tasting, test Load, approval Boss, stable Everybody {"deadline_minutes": 10}
action Load of orders takes 60m
push orders v2
push orders v3
release orders v2
until release of orders is baking
run 5m
image v1 of orders is deleted
dlq orders 25
until release of orders is rollback failing
dlq orders 0
run 1m
release orders v3
run 10m
action Load of orders takes 1m
run 60m
until approval orders
ann approves orders
run 30m
expect orders runs v3
expect release v3 of orders is watching
