# The same while stable is watched: what the next version wrote outlives the promotion.
serin deployed
policy orders with open
push orders v2
release orders v2
until approval orders
ann approves orders
until release of orders is watching
the next Serin writes the document of orders
until release of orders is promoted
expect release of orders has what the next Serin wrote
expect orders runs v2
expect one release of orders
