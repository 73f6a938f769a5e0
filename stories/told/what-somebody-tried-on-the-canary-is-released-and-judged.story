# Bob tries v2 on the canary by hand; then the pipeline releases v2. For the canary that is nothing new, for stable it
# is: it is judged, and as the alarm rings stable never gets it.
serin deployed
policy orders
push orders v2
bob gives v2 to orders-canary by hand
run 10m
release orders v2
until approval orders
run 2m
dlq orders 25
run 20m
dlq orders 0
run 20m
expect the approval of orders is closed
expect orders runs v1
