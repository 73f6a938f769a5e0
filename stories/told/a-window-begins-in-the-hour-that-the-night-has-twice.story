# The night in which Berlin's clock is put back has half past two twice. The window of both policies begins at the first of them
# and lasts an hour, so that it ends at the second, where it does not begin again. What bakes waits inside; what fails goes back.
serin deployed at 2027-10-31T00:00:00Z
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 30}], "watch_minutes": 10, "freeze": [{"cron": "30 2 * * *", "minutes": 60, "time_zone": "Europe/Berlin"}]}
policy bills through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 60}], "watch_minutes": 10, "freeze": [{"cron": "30 2 * * *", "minutes": 60, "time_zone": "Europe/Berlin"}]}
at 00:05:00
push orders v2
release orders v2
push bills v2
release bills v2
until bills-canary of bills runs v2
quietly
at 00:29:30
aloud
run 2m
quietly
at 01:05:00
aloud
expect release of orders is gated
expect orders runs v1
dlq bills 25
until closed bills
expect release of bills is rolled back
expect bills-canary runs v1
quietly
at 01:28:30
aloud
expect release of orders is gated
expect orders runs v1
until release of orders is watching
expect orders runs v2
