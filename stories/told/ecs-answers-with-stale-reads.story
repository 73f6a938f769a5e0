# ECS answers with what was so twenty seconds ago, all the time: a good release is promoted, a bad one is taken back.
serin deployed
policy orders
reads of ECS are 20s old
push orders v2
push orders v3
release orders v2
until approval orders
run 5m
ann approves orders
until release of orders is promoted
expect orders runs v2
release orders v3
until approval orders
run 2m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v2
expect orders runs v2
expect 2 releases of orders
