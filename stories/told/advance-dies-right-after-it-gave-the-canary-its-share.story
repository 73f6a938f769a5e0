# The function that gives the canary its three tasks dies before it has noted that: the next look finds them there, and
# they are given back in the end.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until orders-canary of orders is given v2
run 5m
let advance die after 14
until orders-canary has 3 tasks
until release of orders is gated
ann rejects orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders-canary has 1 task
