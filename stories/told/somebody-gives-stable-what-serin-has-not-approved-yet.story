# v2 bakes, and bob does not want to wait: he gives it to stable by hand. There is nothing left to keep from stable, so
# Serin's action lets the pipeline go on, which changes nothing any more.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}]}
push orders v2
release orders v2
until release of orders is baking
run 5m
bob gives v2 to orders by hand
run 2h
expect release of orders is promoted
expect orders runs v2
expect orders-canary runs v2
