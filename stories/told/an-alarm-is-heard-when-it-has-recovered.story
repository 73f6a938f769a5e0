# Nobody looks meanwhile, and its event comes when it rings no more: what it said then is enough.
policy orders
the alarm of orders calls nobody
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
run 4m
dlq orders 0
run 6m
the alarm of orders is heard late
until closed orders
