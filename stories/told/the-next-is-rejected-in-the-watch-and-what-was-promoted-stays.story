# v2 is promoted and watched when v3 gets the canary; a person rejects v3. Nothing speaks against v2: it stays, watched.
serin deployed
policy orders
push orders v2
push orders v3
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
until approval orders
run 1m
ann rejects orders
run 60m
expect orders runs v2
expect orders-canary runs v2
expect release v2 of orders is superseded
expect release v3 of orders is rolled back
