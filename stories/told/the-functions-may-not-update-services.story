# Somebody has narrowed the functions' roles by hand. The pipeline is held, the bad tasks go on; each attempt says which
# action is denied on which service. Once it is allowed again, the next attempt succeeds.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
run 2m
nobody may ecs:UpdateService
dlq orders 25
until alarm orders
run 3m
quietly
run 27m
aloud
expect orders-canary runs v2
expect the approval of orders is closed
everybody may ecs:UpdateService again
until closed orders
expect orders-canary runs v1
expect release of orders is rolled back
