# Whoever hears of the alarm how often and when: people hear once that it was rolled back, of what, and how to have the
# messages worked on again.
serin deployed
everything comes twice and up to 2m late
policy orders
push orders v2
release orders v2
until approval orders
run 5m
dlq orders 25
until alarm orders
until closed orders
run 10m
expect release of orders is rolled back
expect one notice of rolled-back
expect a notice that says rolled back: alarm orders-dlq-depth in ALARM since
expect a notice that says orders-canary runs its baseline
expect 1 notices
expect 0 notices of rollback-failing
