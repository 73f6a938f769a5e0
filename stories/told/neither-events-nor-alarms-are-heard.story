# Neither the pipeline's and services' events nor the alarm reach us: the sweep finds the release, and the look the alarm.
serin deployed
policy orders
no event of pipeline or service is heard
push orders v2
release orders v2
until release of orders is baking
until approval orders
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
expect one release of orders
