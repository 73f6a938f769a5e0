# Something is sent in the watch that v2 cannot handle, wherever it runs. Both count as many failures as chance explains, so
# nothing points away from the images.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 50, "window_minutes": 10}, {"kind": "health", "failed_tasks_max": 2}], "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 20}
orders has a queue of 5 messages a second
push orders v2
v2 of orders fails every poison
release orders v2
until release of orders is gated
ann approves orders
until release of orders is watching
run 2m
1 message of 3 for orders is poison
until closed orders
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
