# The same behind a listener's default action. An alarm that rang before the canary had anything new is heard once more
# while it bakes, and takes nothing back.
serin deployed
a load balancer before mails 1 to 99
a load balancer before bills 1 to 99, by default
policy bills through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "bills-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push bills v2
push bills v3
action Pack of bills takes 15m
release bills v2
dlq bills 25
until alarm bills
dlq bills 0
run 3m
expect alarm bills is silent
until bills-canary of bills is given v2
until the weights of bills are 100 to 900
alarm again 1
release bills v3
until bills-canary of bills is given v3
until closed bills
expect release of bills is promoted
expect the weights of bills are 1 to 99
