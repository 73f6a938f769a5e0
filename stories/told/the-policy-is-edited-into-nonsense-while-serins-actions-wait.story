# The policy is edited into nonsense while Serin's approve action waits, and is deleted while its promote action does: the
# release goes on by the policy it was opened with, and is promoted.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is baking
run 2m
the policy of orders becomes {"name": "orders", "checks": "none, please"}
until release of orders is promoting
the policy of orders is deleted
until release of orders is promoted
expect execution v2 of orders is Succeeded
expect orders runs v2
expect orders-canary runs v2
