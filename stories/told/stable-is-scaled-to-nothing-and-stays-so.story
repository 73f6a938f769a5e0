# Somebody scales stable to nothing while it is given v2, and leaves it so: v2 does not count as promoted.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
ann approves orders
until orders of orders is given v2
bob scales orders to 0
run 3h
expect release v2 of orders is overtaken
expect no release is open
