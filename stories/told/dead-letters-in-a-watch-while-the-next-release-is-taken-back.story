# The watch of v2 runs on inside the next release, which is rejected. Then v2 fails every message: what the dead-letter
# queue gains takes v2 back as well.
serin deployed
policy orders with open {"checks": [{"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}], "steps": [{"share_permille": 250, "bake_minutes": 3}], "watch_minutes": 60, "on_new_release": "continue"}
orders has a queue of 5 messages a second, received 2 times at most
v2 of orders fails every message after 15m
push orders v2
push orders v3
release orders v2
until release of orders is gated
ann approves orders
until release of orders is watching
release orders v3
until approval orders
ann rejects orders
run 70m
expect orders runs v1
expect orders-canary runs v1
