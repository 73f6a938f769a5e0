# CodePipeline waits a day for an action, and the freeze lasts longer: the job says so at once instead of in vain.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
ben freezes orders until 2026-11-24T08:00:00Z because nobody is there on the weekend
push orders v2
release orders v2
run 5m
expect no release of orders
expect execution of orders is Failed
ann thaws orders because this is the fix
push orders v3
release orders v3
until release of orders is watching
expect orders runs v3
