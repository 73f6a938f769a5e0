# The same with a clock that goes on: digests are learned later, and stable gets its baseline back all the same.
policy orders
push orders v2
release orders v2
open orders
until orders-canary of orders is given v2
tick orders
dlq orders 25
until approval orders
ann approves orders
until orders of orders is given v2
until alarm orders
until closed orders
