# The team's topic carries no tag for an hour, and SNS refuses all notices of a release's whole life. Once somebody has tagged
# it, each of them reaches people, once, by the tries of its own execution; none of them is lost.
serin deployed
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10, "notify": "arn:aws:sns:eu-central-1:111122223333:orders-releases"}
push orders v2
release orders v2
until approval orders
run 20m
ann approves orders
until closed orders
run 20m
expect 0 notices
expect one event of promoted
topic orders-releases of orders
run 4h
expect one notice of approval-needed
expect one notice of promoted
expect 2 notices
