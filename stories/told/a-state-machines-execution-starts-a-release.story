# Any tool starts an execution, and Serin releases. While the canary's alarm rings of old it is asked for again; the execution is named after what starts it, so it is one release.
serin deployed
policy mails {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 0}
push mails v2
execution build-17 starts v2 of mails
until release of mails is baking
until closed mails
expect release of mails is promoted
expect mails runs v2
push mails v3
ann freezes mails because the warehouse counts
run 5s
execution build-18 starts v3 of mails
run 3m
expect mails runs v2
ann thaws mails because it is counted
until release of mails is baking
until closed mails
expect mails runs v3
