# Somebody takes the tag from the pipeline. As the alarm comes while stable is being deployed, IAM refuses to stop the
# execution; services, transition and journal are not concerned. Once the tag is back, it is stopped.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
ann takes the tag from the pipeline of orders
run 3m
dlq orders 25
at 03:08:40
ann approves orders
until orders of orders is given v2
until alarm orders
run 1m
expect execution of orders is InProgress
ann gives the pipeline of orders its tag again
run 1m
expect execution of orders is Stopped
quietly
until closed orders
aloud
expect orders-canary runs v1
expect orders runs v1
expect release of orders is rolled back
