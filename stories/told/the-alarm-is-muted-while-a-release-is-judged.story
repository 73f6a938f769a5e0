# A muted transition is no reason to roll back, neither when it is told nor when somebody looks later; the next one is.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
event alarm/eventbridge-muted.json
event alarm/eventbridge-composite-suppressed.json
run 10m
dlq orders 25
until alarm orders
until closed orders
