# SNS refuses every notice: releases go their way, programs hear, and an alarm says that people do not.
serin deployed
policy orders
push orders v2
nobody may sns:Publish
release orders v2
until approval orders
run 1m
dlq orders 25
until closed orders
run 4h
expect release of orders is rolled back
expect 0 notices
expect one event of opened
expect one event of rolled-back
expect the alarm of notices has rung
