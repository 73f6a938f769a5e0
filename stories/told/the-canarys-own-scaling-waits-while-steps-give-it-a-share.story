# The canary is scaled automatically, from one task to two. While steps give it a share that is suspended, also where they
# give it more than two; once stable has the revision it has one task and is scaled again.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
orders-canary scales automatically from 1 to 2
push orders v2
push orders v3
release orders v2
until orders-canary has 3 tasks
expect the scaling of orders-canary is suspended
automatic scaling gives orders-canary 2
expect orders-canary has 3 tasks
until release of orders is gated
ann approves orders
until closed orders
expect release of orders is promoted
expect orders-canary has 1 task
expect orders-canary scales automatically
automatic scaling gives orders-canary 2
expect orders-canary has 2 tasks
release orders v3
until orders-canary has 3 tasks
expect the scaling of orders-canary is suspended
dlq orders 25
until closed orders
expect release of orders is rolled back
expect orders-canary has 2 tasks
expect orders-canary scales automatically
