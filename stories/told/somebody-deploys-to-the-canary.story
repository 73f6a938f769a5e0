# A person gives the canary a third revision while the release is judged: theirs is the canary now.
policy orders
push orders v2
push orders v3
release orders v2
open orders
until approval orders
run 3m
bob deploys v3 to orders-canary of orders
run 5m
