# The policy becomes nonsense while Serin's promote action waits, and nothing is watched after: the release is over when the
# action asks again, and is told what became of it by what the ledger holds.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 0}
push orders v2
release orders v2
until release of orders is promoting
the policy of orders becomes {"name": "orders", "checks": "none, please"}
until release of orders is watching
let promote die after 1
until release of orders is promoted
run 3m
expect execution v2 of orders is Succeeded
expect orders runs v2
