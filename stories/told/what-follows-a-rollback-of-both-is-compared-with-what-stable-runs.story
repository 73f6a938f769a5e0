# v2 goes bad in its watch and is taken back from both services; v3 comes meanwhile. Since then stable runs a copy by
# digest, and its workers count under the name of that: the canary, which fails every message, is compared with it.
serin deployed
policy orders {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}]}
orders has a queue of 2 messages a second, received 5 times at most
push orders v2
push orders v3
v2 of orders fails every message after 15m
v3 of orders fails every message
the build of orders takes 5s
release orders v2
until approval orders
ann approves orders
until release of orders is watching
until release of orders is rolling back
release orders v3
until approval orders
run 30m
expect 2 releases of orders
expect release v3 of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
