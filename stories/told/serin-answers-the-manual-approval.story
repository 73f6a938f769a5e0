# The manual approval notifies Serin, and the policy says automatic: nobody has to be there. It bakes, Serin answers with
# what it has seen, and the pipeline's own action gives stable the revision.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
run 5m
expect the approval of orders is open
expect orders runs v1
until release of orders is watching
expect the approval of orders is closed
until closed orders
expect release of orders is promoted
expect orders runs v2
expect 0 notices of approval
