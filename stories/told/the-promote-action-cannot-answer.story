# Stable runs v2, and CodePipeline takes no answers just then: the promote action's job is tried again, ends among the
# failed events, and CodePipeline fails the action in the end. What stable runs is watched all the same.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
release orders v2
until release of orders is promoting
down codepipeline PutJobSuccessResult for 30m
run 2h
expect release of orders is promoted
expect orders runs v2
