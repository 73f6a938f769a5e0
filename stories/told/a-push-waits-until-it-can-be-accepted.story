# What is pushed in a freeze is released once that is over, and not before. Of two that wait the newer is released.
serin deployed
policy mails {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 0, "starts_on_push": {"repository": "mails", "tag_pattern": "v*"}}
pushes start releases
run 1m
ann freezes mails because the warehouse counts
run 5s
push mails v2
run 5m
push mails v3
run 5m
expect no release of mails
expect mails runs v1
ann thaws mails because it is counted
until release of mails is baking
until closed mails
expect release of mails is promoted
expect mails runs v3
