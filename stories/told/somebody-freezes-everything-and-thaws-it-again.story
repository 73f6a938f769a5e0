# The stop button: all policies at once, with and without a release.
serin deployed
policies bills orders zebra
push orders v2
release orders v2
run 5m
ben freezes all because the region is in trouble
push bills v2
release bills v2
run 1h
ann approves orders
ben thaws all because it is over
ben thaws all because I am not sure whether I have
run 2h
expect orders runs v2
