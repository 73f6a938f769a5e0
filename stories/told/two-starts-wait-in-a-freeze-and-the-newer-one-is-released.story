# Two tools start executions in a freeze, and the newer one asks first when it is over. The older one takes no place of it then,
# and says so; whoever wants that still starts it anew.
serin deployed
policy mails {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 0}
run 1m
ann freezes mails because the warehouse counts
run 5s
push mails v2
push mails v3
execution build-17 starts v2 of mails
run 30s
execution build-18 starts v3 of mails
run 4m
expect no release of mails
run 40s
ann thaws mails because it is counted
run 3m
expect one release of mails
until closed mails
expect release of mails is promoted
expect mails runs v3
execution build-19 starts v2 of mails
until release of mails is baking
until closed mails
expect mails runs v2
expect 2 releases of mails
