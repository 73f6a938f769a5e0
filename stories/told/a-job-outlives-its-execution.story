# A person abandons the execution while Serin's approve action waits: CodePipeline ends the action, takes no answer of its
# job any more and asks no more. The canary goes back.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until release of orders is baking
run 4m
ann stops orders and abandons what runs
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
