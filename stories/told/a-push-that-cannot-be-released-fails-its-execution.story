# What is pushed from where the policy has nothing come from is refused: the execution fails with the reason, and an alarm of Serin's own rings.
serin deployed
policy mails {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "images_from": ["111122223333.dkr.ecr.eu-central-1.amazonaws.com/other"], "starts_on_push": {"repository": "mails", "tag_pattern": "v*"}}
pushes start releases
push mails v2
run 10m
expect no release of mails
expect the alarm of starts has rung
expect mails runs v1
