# SNS refuses every notice to people: releases go their way, programs and the chat hear, and an alarm says that people do not.
serin deployed
policy orders {"notify": "arn:aws:sns:eu-central-1:111122223333:payroll-releases"}
push orders v2
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
