# A slow poison that stable handles: what goes wrong does so only once a task has run for eight minutes. The comparison
# looks back ten minutes, and sees it while the release still bakes.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}], "steps": [{"share_permille": 250, "bake_minutes": 30}]}
orders has a queue of 5 messages a second, received 5 times at most
push orders v2
v2 of orders fails every message after 8m
release orders v2
until approval orders
run 7m
expect v2 of orders failed no message
expect release of orders is baking
until closed orders
expect alarm orders is silent
expect release of orders is rolled back
expect v2 of orders handled messages
expect orders-canary runs v1
expect orders runs v1
expect every message of orders accounted for
