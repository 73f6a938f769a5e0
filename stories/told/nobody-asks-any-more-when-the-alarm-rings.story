# The approve function is broken when the alarm rings: its job never asks again. Serin waits a little for it and then
# stops the execution itself.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until release of orders is baking
run 2m
down codepipeline PutJobFailureResult for 1h
dlq orders 25
run 20m
dlq orders 0
run 1h
expect release of orders is rolled back
expect orders-canary runs v1
