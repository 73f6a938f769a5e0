# v2 cannot start in stable's environment, where the canary runs it well: ECS's circuit breaker takes stable back while it is
# given v2. The promote action fails with that cause, the canary goes back as well, and the evidence says what differs.
serin deployed
policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"checks": [{"kind": "health", "failed_tasks_max": 20}], "approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 2}]}
push orders v2
at orders v2 cannot start
release orders v2
run 1h
expect release of orders is rolled back
expect action Everybody of orders failed with orders no longer runs the revision: ECS deployment circuit breaker: tasks failed to start
expect orders runs v1
expect orders-canary runs v1
