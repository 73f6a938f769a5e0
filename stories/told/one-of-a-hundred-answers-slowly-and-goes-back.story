# The same with a revision that takes its time: nobody but visitors notice, the alarm is earned by their waiting, and the
# box goes back. The weights have not been touched at all.
serin deployed
a load balancer before shop 1 to 99, watched for slow answers
policy shop through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody {"traffic": {"resting_share_permille": 10}, "steps": [{"share_permille": 10, "bake_minutes": 15}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}
push shop v2
answers of v2 of shop take 3500 to 6000 ms
release shop v2
until shop-canary of shop is given v2
until alarm shop
run 10s
expect the weights of shop are 1 to 99
until closed shop
expect release of shop is rolled back
expect shop-canary runs v1
expect shop runs v1
expect v2 of shop served 2 to 20 of 1000 requests
expect v2 of shop served nothing from 2m after the alarm on
