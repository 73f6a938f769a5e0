# What cannot be released by hand is refused in one sentence, and nothing is done.
serin deployed
policy orders with open
policy mails {"pipeline": null, "approval": "human", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "images_from": ["111122223333.dkr.ecr.eu-central-1.amazonaws.com/mails"]}
push orders v2
ann releases v2 of orders by hand because the pipeline is slow
run 10s
ann releases v7 of mails by hand because nobody has pushed it
run 10s
ann releases :latest of mails by hand because it is the latest
run 10s
ann freezes mails because the warehouse counts
run 5s
push mails v2
ann releases v2 of mails by hand because now
run 10s
expect no release of mails
ann thaws mails because it is counted
run 5s
ann releases v2 of mails by hand because now
until release of mails is baking
run 14m
expect release of mails is gated
expect mails runs v1
ben orders approve of mails because I have looked at it
until closed mails
expect release of mails is promoted
expect mails runs v2
expect everybody but mails runs v1
