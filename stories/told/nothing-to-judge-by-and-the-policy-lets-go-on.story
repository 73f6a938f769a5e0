# An idle queue, and a policy that lets a release go on that could not be judged. What is approved says what was lacking.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "compare", "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}, "ratio_max": 1.5, "total_min": 100, "window_minutes": 10}], "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable", "when_undecided": {"extend_minutes_max": 10, "then": "go_on"}}
orders has a queue of 5 messages a second, received 3 times at most
orders gets 0 messages a second
push orders v2
release orders v2
until orders-canary of orders is given v2
run 18m
expect release of orders is baking
until closed orders
expect release of orders is promoted
expect orders runs v2
