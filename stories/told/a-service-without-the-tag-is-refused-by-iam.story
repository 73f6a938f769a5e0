# Somebody takes the tag from the canary while its release is open. IAM itself now refuses the restore; the stable service,
# the pipeline and the journal are not concerned. Once the tag is back, so is the baseline.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
run 2m
ann takes the tag from orders-canary
dlq orders 25
until alarm orders
run 2m
quietly
run 8m
aloud
expect orders-canary runs v2
expect the approval of orders is closed
ann gives orders-canary its tag again
until closed orders
expect orders-canary runs v1
expect release of orders is rolled back
