# Somebody takes the tag from the pipeline. IAM now refuses to stop its execution; services, transition and journal are not
# concerned. Once the tag is back, the execution is stopped.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
ann takes the tag from the pipeline of orders
ann approves orders
until orders of orders is given v2
dlq orders 25
until release of orders is rolling back
run 4m
ann gives the pipeline of orders its tag again
until closed orders
expect orders-canary runs v1
expect orders runs v1
