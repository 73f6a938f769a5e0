# Nothing here is called as it is elsewhere: what the functions may do must not hang on names.
serin deployed
policy zebra in green through source Code, build Pack, open Ahead + canary Tiny, approval Yes, stable Full
push zebra v2
release zebra v2
until approval zebra
dlq zebra 25
until release of zebra is rolled back
expect zebra-canary runs v1
expect zebra runs v1
