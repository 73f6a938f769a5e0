# The policy is given another pipeline while Serin's approve action waits: the release goes on by the policy it was opened
# with, and the next one finds the mistake.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10}
push orders v2
push orders v3
release orders v2
until release of orders is baking
run 2m
the policy of orders becomes {"name": "orders", "two_services": {"cluster": "prod", "stable": "orders", "canary": "orders-canary"}, "traffic": {"kind": "consumer_share", "tasks_max": 40}, "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "pipeline": {"name": "order"}, "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}], "watch_minutes": 10, "on_new_release": "hold", "rollback": "allowed", "deadline_minutes": 30}
until release of orders is promoted
expect execution v2 of orders is Succeeded
expect orders runs v2
release orders v3
run 10m
expect execution v3 of orders is Failed
expect action Serin of orders failed with pipeline
expect orders runs v2
