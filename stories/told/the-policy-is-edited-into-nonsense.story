# The policy is edited into nonsense while a release is open: that release goes on by the policy it was opened with.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
the policy of orders becomes {"name": "orders", "checks": "none, please"}
run 10m
expect release of orders is baking
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
