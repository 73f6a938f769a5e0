# The answer is no, and somebody has the stage tried again before Serin's own answer arrives: that is refused, and what is
# asked for again is left to people, who give it.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks ManualApproval, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
before advance's PutApprovalResult ann rejects orders and retries
run 40m
expect the approval of orders is open
expect orders runs v1
bob approves orders
until closed orders
expect release of orders is promoted
expect orders runs v2
