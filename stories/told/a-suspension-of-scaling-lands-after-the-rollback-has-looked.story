# A suspension of the canary's scaling hangs. The execution is stopped, and the rollback finds nothing suspended yet; then the
# suspension lands. It is given back, and the release does not close before that.
serin deployed
policy orders with open {"checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}], "steps": [{"share_permille": 500, "bake_minutes": 10}], "watch_minutes": 10}
orders-canary scales automatically from 1 to 4
push orders v2
release orders v2
at 03:04:03
deaf application-autoscaling RegisterScalableTarget for 3s
at 03:04:05
ann stops orders and abandons what runs
until closed orders
expect orders-canary scales automatically
