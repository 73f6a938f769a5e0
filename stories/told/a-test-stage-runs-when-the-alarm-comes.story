# Between canary and gate a test stage runs when the alarm comes: no approval to reject, so the execution is stopped before it can promote.
serin deployed
policy orders through source Code, build Pack, canary Tasting, test Load, approval Boss, stable Everybody
action Load of orders takes 30m
push orders v2
release orders v2
until release of orders is baking
run 5m
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect execution of orders is Stopped
expect the approval of orders is closed
