# A newer push takes the place of a release that bakes. One that comes while stable is given a release waits for that, and is outrun by what a person starts meanwhile.
serin deployed
policy mails {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "starts_on_push": {"repository": "mails", "tag_pattern": "v*"}}
pushes start releases
push mails v2
until release of mails is baking
run 1m
push mails v3
run 4m
until release of mails is promoting
push mails v4
run 3m
until closed mails
expect release of mails is promoted
until release of mails is baking
until closed mails
expect release of mails is promoted
expect mails runs v4
