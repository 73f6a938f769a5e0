# The pipeline's own step gives the canary nothing, and bob gives it v3 by hand. So v3 is what is judged, and v2 what ann
# approves: stable is taken back from what no canary was seen to run.
serin deployed
policy orders through source Code, build Pack, open Serin + test Canary, approval Gate, stable Deploy
push orders v2
push orders v3
release orders v2
until approval orders
run 20s
bob gives v3 to orders-canary by hand
run 6m
ann approves orders
run 90m
expect release of orders is rolled back
expect orders runs v1
expect orders-canary runs v3
