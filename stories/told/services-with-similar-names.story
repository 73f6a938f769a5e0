# Three policies whose names are prefixes of one another release at the same time; one is bad.
policy orders
policy orders-eu
policy order
push orders v2
push orders-eu v2
push order v2
release orders v2
release orders-eu v2
release order v2
open orders
open orders-eu
open order
until approval orders
until approval orders-eu
until approval order
run 3m
dlq orders-eu 25
until alarm orders-eu
until closed orders-eu
run 5m
