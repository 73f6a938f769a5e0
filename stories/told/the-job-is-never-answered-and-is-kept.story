# CodePipeline does not take our answer, three times over: the job lies in the queue of failed events. Nothing is deployed
# without it; the release was open before, and ends as its execution does.
serin deployed
policy orders with open
push orders v2
down codepipeline PutJobSuccessResult for 30m
release orders v2
run 12m
expect 1 failed events of open
expect the alarm of failed events is ringing
expect orders-canary runs v1
ann stops orders
until closed orders
expect orders-canary runs v1
