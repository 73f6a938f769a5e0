# A person aborts a release by hand in the very second in which its canary is told, and no event is heard: what lands all
# the same is taken back. The next one takes the place of one that bakes, as any release does.
serin deployed
policy orders {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
no event of pipeline or service is heard
ann releases v2 of orders by hand because the build is green
run 2s
ann orders abort of orders because it is the wrong build
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
ann releases v2 of orders by hand because it was the right one
run 3m
push orders v3
ann releases v3 of orders by hand because this is newer
run 1m
until closed orders
expect orders-canary runs v3
expect orders runs v3
expect 3 releases of orders
