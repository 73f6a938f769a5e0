# DynamoDB answers nothing for five minutes: nothing is known of any release until it is back.
policy orders
push orders v2
release orders v2
open orders
until approval orders
run 3m
dlq orders 25
down dynamodb for 5m
until alarm orders
until closed orders
