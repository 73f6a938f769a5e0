# The policy leaves it to a person, and the person tells Serin instead of CodePipeline: Serin answers the approval that asks it.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 14m
expect one notice of approval
ann orders approve of orders because the numbers are good
until release of orders is watching
expect the approval of orders is closed
expect orders runs v2
run 30m
expect release of orders is promoted
expect one notice of approval
