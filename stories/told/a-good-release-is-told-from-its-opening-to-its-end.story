# Programs hear of every change; people of what they have to know.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 100, "bake_minutes": 10}, {"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 30m
expect one event of opened
expect 2 events of step
expect one event of gated
expect one event of approval-needed
expect one notice of approval-needed
ann approves orders
until closed orders
run 1m
expect release of orders is promoted
expect one event of promoted
expect one notice of promoted
expect a notice that says orders: orders-canary:2 promoted
expect 2 notices
expect 2 messages in the chat
