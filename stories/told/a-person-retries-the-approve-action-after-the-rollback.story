# After the rollback a person retries the stage in which Serin's approve action failed: it fails again and says that the
# release was rolled back. What no canary runs any more is not let through.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until release of orders is baking
run 2m
dlq orders 25
run 20m
dlq orders 0
run 30m
expect release of orders is rolled back
ann retries Word of orders
run 30m
expect orders runs v1
expect orders-canary runs v1
