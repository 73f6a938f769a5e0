# A release is aborted while Serin gives stable the revision; everything goes back. A person retries Serin's action all the same: it is
# told at once why not, and nothing is given to anybody.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
push orders v2
release orders v2
until release of orders is promoting
ann orders abort of orders because support calls
until closed orders
expect execution of orders is Failed
run 2m
ann retries Everybody of orders
run 5m
expect execution of orders is Failed
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v1
