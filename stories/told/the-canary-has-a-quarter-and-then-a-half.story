# Two steps: one task beside three is a quarter, three beside three a half. Once stable has the revision the canary has
# its one task again.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
orders has a queue of 5 messages a second, received 3 times at most
push orders v2
release orders v2
until orders-canary of orders is given v2
until closed orders
expect release of orders is promoted
expect orders-canary runs v2
expect orders runs v2
expect orders-canary has 1 task
expect orders has 3 tasks
expect no message of orders lost
