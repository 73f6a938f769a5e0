# The revision cannot even start: ECS's circuit breaker takes it back while the alarm goes off.
policy orders
push orders v2 which cannot start
release orders v2
open orders
until orders-canary of orders is given v2
run 2m
dlq orders 25
until alarm orders
until closed orders
