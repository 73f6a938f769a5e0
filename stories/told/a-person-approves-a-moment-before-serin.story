# The person's answer is there first: Serin's is refused, and the release goes on as the person said.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
before advance's PutApprovalResult ann approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
