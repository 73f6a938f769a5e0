# The policy leaves the approval to Serin, and its action is missing from the pipeline: the job of open fails and says
# what to write where, before the canary changes.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approval Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 5}]}
push orders v2
release orders v2
run 30m
expect orders-canary runs v1
expect no release is open
