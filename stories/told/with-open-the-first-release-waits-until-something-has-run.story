# The services are created without tasks, and our action stands before the canary: it cannot tell what they would go back to, and holds the execution until they have run something. Ann gives both their tasks; then the release is opened, and v1 is its way back.
serin deployed
policy orders with open before its services exist
ann creates the services of orders with v1 and no tasks
run 10m
push orders v2
release orders v2
run 30m
expect no release
ann scales orders-canary to 1
ann scales orders to 3
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
