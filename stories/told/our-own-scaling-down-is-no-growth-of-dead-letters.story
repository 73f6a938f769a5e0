# Stable shrinks, and so does the canary. What its tasks drop as they go says nothing about the revision.
serin deployed
policy orders with open {"checks": [{"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 30}], "steps": [{"share_permille": 250, "bake_minutes": 3}, {"share_permille": 500, "bake_minutes": 15}], "watch_minutes": 10}
orders has a queue of 20 messages a second, received once at most, taken by the 10, handled in 2s, by workers that ignore SIGTERM
push orders v2
release orders v2
until orders-canary has 3 tasks
ann scales orders to 12
until orders-canary has 12 tasks
run 3m
ann scales orders to 3
until orders-canary has 3 tasks
run 5m
expect release of orders is baking
