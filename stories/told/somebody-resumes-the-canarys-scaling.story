# A person has the canary scaled again in the middle of a bake. That is theirs, and so is what it is scaled to.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 20}], "watch_minutes": 10}
orders-canary scales automatically from 1 to 4
push orders v2
release orders v2
until orders-canary has 3 tasks
run 5m
ann resumes the scaling of orders-canary
run 5m
automatic scaling gives orders-canary 4
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders-canary has 4 tasks
expect orders-canary scales automatically
