# The policy lets nothing go forward in the night from Saturday to Sunday; this one begins while a release bakes. Berlin's clock
# is put forward in the middle of it, so that its eight hours end at seven there instead of at six.
serin deployed at 2027-03-27T20:00:00Z
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 50}], "watch_minutes": 10, "freeze": [{"cron": "0 22 * * SAT", "minutes": 480, "time_zone": "Europe/Berlin"}]}
push orders v2
release orders v2
until release of orders is gated
run 1m
expect the approval of orders is open
quietly
run 7h
aloud
run 30m
expect release of orders is gated
expect orders runs v1
until release of orders is watching
expect orders runs v2
