# The pipeline is edited in the middle of a bake: CodePipeline cancels what is under way, which never promotes. The canary
# goes back; the next release goes through the edited pipeline.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
push orders v3
release orders v2
until release of orders is baking
run 4m
ann edits the pipeline of orders
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
release orders v3
until release of orders is promoted
expect orders runs v3
