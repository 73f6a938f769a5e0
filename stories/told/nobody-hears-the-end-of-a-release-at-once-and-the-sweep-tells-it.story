# Nobody takes the notice in the moment in which the release ends; it stands in the ledger, and the sweep says it.
serin deployed
policy orders {"watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 1m
ann approves orders
until release of orders is watching
run 8m
deaf stepfunctions StartExecution for 4m
until closed orders
expect 0 notices
run 15m
expect one notice of promoted
expect one event of promoted
expect release of orders is promoted
