# The same without an alarm: the growth of the dead-letter queue ends the watch. That the canary's tasks run well is said at
# once, and what either side counted as soon as it was asked for.
serin deployed
policy orders with open {"checks": [{"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 50, "window_minutes": 10}, {"kind": "health", "failed_tasks_max": 2}], "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 20}
orders has a queue of 5 messages a second
push orders v2
at orders v2 fails every message
release orders v2
until release of orders is gated
ann approves orders
until release of orders is watching
until closed orders
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
