# Both copies of the alarm find a function that dies, and so do their retries. Lambda gives them up: they lie in the queue of
# failed events, whose alarm rings. The clock has looked at the alarm itself meanwhile.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
run 2m
expect 0 failed events of rollback
expect the alarm of failed events is silent
let rollback die after 1
let rollback die after 1
let rollback die after 1
let rollback die after 1
let rollback die after 1
let rollback die after 1
dlq orders 25
until release of orders is rolled back
run 5m
expect 2 failed events of rollback
expect the alarm of failed events is ringing
expect orders-canary runs v1
# The same of the sweep.
let advance die after 1
let advance die after 1
let advance die after 1
run 10m
expect 1 failed events of advance
