# The policy names the repository that images come from, and the pipeline gives the canary one from another.
serin deployed
policy orders with open {"images_from": ["111122223333.dkr.ecr.eu-central-1.amazonaws.com/payments"]}
push orders v2
release orders v2
until orders-canary of orders is given v2
until closed orders
expect release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
