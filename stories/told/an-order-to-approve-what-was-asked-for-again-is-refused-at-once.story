# Somebody refuses, and has the stage tried again: Serin answers for nobody there, who orders it to is told so at once, and
# answers the approval in CodePipeline.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks ManualApproval, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 12m
before advance's GetPipelineState ann rejects orders and retries
run 3m
ann orders approve of orders because the numbers are good
run 10m
expect the approval of orders is open
expect release of orders is gated
bob approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
