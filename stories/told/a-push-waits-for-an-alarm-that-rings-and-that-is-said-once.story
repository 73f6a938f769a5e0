# The alarm has rung since before, and the policy says that it blocks. Who pushes hears what the release waits for: once for each
# push, however often it is asked for. When the alarm has recovered, the newer one is released.
serin deployed
policy mails {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 0, "checks": [{"kind": "alarm", "name": "mails-dlq-depth", "when_stale": "block", "insufficient_data": "ok"}], "starts_on_push": {"repository": "mails", "tag_pattern": "v*"}}
pushes start releases
run 1m
dlq mails 25
until alarm mails
push mails v2
run 10m
expect no release of mails
expect one notice of start-waits
expect a notice that says serin release mails --image
push mails v3
run 10m
expect 2 notices of start-waits
dlq mails 0
until release of mails is baking
until closed mails
expect release of mails is promoted
expect mails runs v3
expect 2 notices of start-waits
