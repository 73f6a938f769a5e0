# The same at a listener's default action, with a pool of another name.
serin deployed
a load balancer before bills 1 to 99, by default, behind a sign-in by Cognito
policy bills through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "bills-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 100, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push bills v2
release bills v2
until bills-canary of bills is given v2
until the weights of bills are 100 to 900
until closed bills
expect release of bills is promoted
expect the weights of bills are 1 to 99
