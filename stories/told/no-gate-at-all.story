# Nobody asks: canary and stable stand in one stage, one after the other. The alarm comes when stable has been given the revision too.
serin deployed
policy orders through source Code, build Pack, canary Small + stable Large
push orders v2
release orders v2
until orders of orders is given v2
dlq orders 25
until release of orders is rolled back
expect orders-canary runs v1
expect orders runs v1
