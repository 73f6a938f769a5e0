# Somebody gives the canary something else in the second in which a release by hand begins: the release is over, what
# they gave is theirs.
serin deployed
policy orders {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
push orders v3
ann releases v2 of orders by hand because the build is green
until release of orders is deploying
ben gives v3 to orders-canary by hand
until closed orders
run 10m
expect orders-canary runs v3
expect orders runs v1
