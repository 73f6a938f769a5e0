# Nobody hears that the canary was given anything, and the approval's message arrives first: the sweep opens the release,
# and what CodePipeline shows of the approval is enough.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
no event of pipeline or service is heard
push orders v2
release orders v2
until approval orders
until release of orders is baking
run 30m
expect one notice of approval
ann approves orders
until closed orders
expect release of orders is promoted
