# Two canaries whose step asks for the share that they have at rest. Their scaling is suspended all the same, and where the
# alarm rings there is no number to be given back first.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 30}], "watch_minutes": 10}
policy mails with open {"checks": [{"kind": "alarm", "name": "mails-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 30}], "watch_minutes": 10}
orders-canary scales automatically from 1 to 2
mails-canary scales automatically from 1 to 2
push orders v2
push mails v2
release orders v2
release mails v2
until release of mails is baking
run 5m
expect the scaling of orders-canary is suspended
expect the scaling of mails-canary is suspended
dlq orders 25
dlq mails 25
until closed orders
until closed mails
expect release of orders is rolled back
expect release of mails is rolled back
expect orders-canary scales automatically
expect mails-canary scales automatically
