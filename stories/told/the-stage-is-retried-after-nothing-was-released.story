# The pipeline is stopped before the canary is given anything, and the stage is retried while no event is heard: the
# approve action does not take the abandoned release for this one, and what the canary gets now bakes.
serin deployed
policy orders through source Code, build Pack, open Serin + test Check + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 20}]}
no event of pipeline or service is heard
push orders v2
release orders v2
until release of orders is deploying
ann stops orders and abandons what runs
until closed orders
run 1380s
ann retries Serin of orders
run 2h
