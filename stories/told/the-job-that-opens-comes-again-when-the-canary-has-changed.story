# The job that opened the release comes once more, late: the canary has its revision by then, and no event told of it. The
# release is the same, and the job is not answered twice.
serin deployed
policy orders with open
no event of pipeline or service is heard
everything comes twice and up to 40s late
push orders v2
release orders v2
until approval orders
run 5m
expect one release of orders
expect release of orders is baking
ann approves orders
run 3h
expect orders runs v2
expect no release is open
