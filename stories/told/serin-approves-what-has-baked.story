# The policy leaves the approval to Serin: its action waits in the pipeline while v2 bakes for ten minutes, nothing rings,
# and nobody has to be there. Stable gets v2 from the pipeline's own deploy action.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until release of orders is baking
run 5m
expect release of orders is baking
expect orders runs v1
until release of orders is watching
run 1h
expect release of orders is promoted
expect orders runs v2
