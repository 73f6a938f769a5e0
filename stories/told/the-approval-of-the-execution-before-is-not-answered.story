# The approval of v2 waits in a stage of its own while v3 takes the canary from it: v2's is rejected, v3's is answered once
# v3 has baked. A token is only ever answered for the release's own execution.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
push orders v3
release orders v2
until approval orders
run 5m
release orders v3
until orders-canary of orders is given v3
until closed orders
expect execution v2 of orders is Failed
expect execution v3 of orders is Succeeded
expect release v2 of orders is superseded
expect release v3 of orders is promoted
expect orders runs v3
