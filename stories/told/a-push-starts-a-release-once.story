# A policy names a repository and its tags. A push of such a tag starts a release, however often it is told of; other tags and other repositories start nothing.
serin deployed
policy orders
policy mails {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "starts_on_push": {"repository": "mails", "tag_pattern": "v*"}}
pushes start releases
# What a tag moves to that runs already is nothing to release.
tag v9 of mails moves to v1
run 2m
expect release of mails is abandoned
push orders v7
push mails test-2
run 1m
expect release of mails is abandoned
push mails v2
the last push is told again
until release of mails is baking
the last push is told again
run 2m
until closed mails
expect release of mails is promoted
expect mails runs v2
the last push is told again
run 2m
expect release of mails is promoted
expect everybody but mails runs v1
