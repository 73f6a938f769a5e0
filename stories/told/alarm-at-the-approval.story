# A bad release: messages gather in the dead-letter queue while the pipeline waits at its approval.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
until alarm orders
until closed orders
