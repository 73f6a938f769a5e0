# It has baked and Serin's word is written down, but CodePipeline does not take the answer, and a check fails meanwhile:
# what is committed later and fails the release wins, and the approval is rejected as soon as that can be told.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 9m
throttled codepipeline PutApprovalResult for 8m
run 4m
expect the approval of orders is open
dlq orders 25
until release of orders is rolled back
expect the approval of orders is closed
expect execution of orders is Failed
expect orders runs v1
expect orders-canary runs v1
