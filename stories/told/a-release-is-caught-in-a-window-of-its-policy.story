# The policy lets nothing go forward on weekends; this one begins while a release bakes, on the Friday after. Berlin's clock is
# put forward in the middle of it, so that it ends at nine there instead of at eight: sixty-four hours have passed by then.
serin deployed at 2027-03-26T14:00:00Z
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 50}], "watch_minutes": 10, "freeze": [{"cron": "0 16 * * FRI", "minutes": 3840, "time_zone": "Europe/Berlin"}]}
push orders v2
release orders v2
until release of orders is gated
quietly
run 63h
aloud
expect release of orders is gated
expect orders runs v1
run 2h
expect orders runs v2
