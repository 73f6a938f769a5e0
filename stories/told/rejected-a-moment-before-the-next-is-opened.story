# A person rejects the approval, and the next execution's open is the first of us to see it: it asks whether another policy's
# release ended that execution, and takes the place of the release, whose canary it answers for.
serin deployed
policy orders with open
push orders v2
push orders v3
release orders v2
until approval orders
run 90s
no event of pipeline or service is heard
release orders v3
run 62s
ann rejects orders
run 4s
run 20m
