# Every event of pipeline and services is lost, and nothing sweeps. The alarm rings while DynamoDB refuses, and has recovered
# when Lambda brings its event once more: the release that nobody had opened is opened, and fails by what was heard.
serin deployed
policy orders
only the alarm is heard
push orders v2
release orders v2
until approval orders
expect no release
run 3m
down dynamodb for 4m
dlq orders 25
run 100s
dlq orders 0
run 140s
expect no release
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect the approval of orders is closed
expect one release of orders
