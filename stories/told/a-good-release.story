# A good release: the canary is judged while the pipeline waits, nothing rings, a person approves.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 10m
ann approves orders
until orders of orders runs v2
run 2m
