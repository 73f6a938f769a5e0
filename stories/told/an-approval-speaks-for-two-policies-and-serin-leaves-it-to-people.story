# Two policies stand on one pipeline, and one approval lets both go on: each may have baked, but neither answers for the
# other.
serin deployed
policy orders through source Code, build Pack, canary OrdersCanary + canary BillsCanary of bills, asks Boss, stable Orders + stable Bills of bills {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
policy bills on the pipeline of orders {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 20}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 40m
expect the approval of orders is open
ann approves orders
until closed orders
until closed bills
expect release of orders is promoted
expect release of bills is promoted
