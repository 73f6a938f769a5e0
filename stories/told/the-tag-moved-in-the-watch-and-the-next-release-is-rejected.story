# The watch of v2 runs on inside the next release. Its tag moves, and v3 is rejected: the canary goes back to the image
# that was promoted, not to the one that goes by that name by now.
serin deployed
policy orders with open {"on_new_release": "continue"}
push orders v2
push orders v3
push orders v4
release orders v2
until approval orders
ann approves orders
until release of orders is watching
release orders v3
until approval orders
tag v2 of orders moves to v4
ann rejects orders
run 90m
expect orders-canary runs v2
expect orders runs v2
expect no release is open
