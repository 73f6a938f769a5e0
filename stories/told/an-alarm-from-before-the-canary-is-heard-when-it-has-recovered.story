# It rang before the canary changed and has recovered since; its event comes last. Its history tells nothing else.
policy orders
the alarm of orders calls nobody
push orders v2
dlq orders 25
run 3m
release orders v2
open orders
until approval orders
dlq orders 0
run 6m
the alarm of orders is heard late
ann approves orders
until closed orders
