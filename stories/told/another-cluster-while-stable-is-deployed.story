# The same names as in no other story, while stable is being deployed.
serin deployed
policy zebra in green through source Code, build Pack, canary Tiny, approval Yes, stable Full
push zebra v2
release zebra v2
until approval zebra
run 3m
dlq zebra 25
at 03:08:40
ann approves zebra
until zebra of zebra is given v2
until closed zebra
expect zebra-canary runs v1
expect zebra runs v1
expect release of zebra is rolled back
