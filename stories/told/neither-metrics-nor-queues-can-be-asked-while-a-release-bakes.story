# CloudWatch gives no metrics and SQS no numbers for twenty minutes: the release stays where it is. That is no reason to
# take it back. When they answer again it goes on.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}, {"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
orders has a queue of 5 messages a second, received 3 times at most
push orders v2
release orders v2
until orders-canary of orders is given v2
throttled cloudwatch GetMetricData for 20m
down sqs for 25m
run 19m
expect release of orders is baking
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
