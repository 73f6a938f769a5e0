# The policy waits for no evidence at all, and its watch is none. What a queue gains counts a minute after a deployment
# has come to rest: that minute is no want of evidence, and a good release is not taken back for it.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}], "steps": [{"share_permille": 250, "bake_minutes": 3}], "watch_minutes": 0, "when_undecided": {"extend_minutes_max": 0, "then": "roll_back"}}
orders has a queue of 5 messages a second, received 3 times at most
push orders v2
release orders v2
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
