# The poison that no alarm on the dead-letter queue sees: the canary fails every message, and stable handles what it
# failed. Hardly any message dies. What each revision did with its messages tells them apart.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}]}
orders has a queue of 2 messages a second, received 5 times at most
push orders v2
v2 of orders fails every message
release orders v2
until approval orders
until closed orders
expect alarm orders is silent
expect release of orders is rolled back
expect v2 of orders handled no message
expect between 0 and 9 messages of orders lost
expect orders-canary runs v1
expect orders runs v1
expect every message of orders accounted for
