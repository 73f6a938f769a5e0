# One approval lets two policies go on, and each leaves that to a person: who orders Serin to answer it is told at once that it
# does not, and answers it in CodePipeline. The release is not let go on by what was refused.
serin deployed
policy orders through source Code, build Pack, canary OrdersCanary + canary BillsCanary of bills, asks Boss, stable Orders + stable Bills of bills {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
policy bills on the pipeline of orders {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 10m
ann orders approve of orders because the numbers are good
run 10m
expect the approval of orders is open
expect release of orders is gated
ann approves orders
until closed orders
until closed bills
expect release of orders is promoted
expect release of bills is promoted
