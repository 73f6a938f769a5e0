# A person approves the first release when the second has just overwritten the canary, before its first task has pulled its image.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
run 2m
release orders v3
until orders-canary of orders is given v3
run 10s
ann approves orders
run 3h
expect execution v2 of orders is Failed
expect orders runs v1
