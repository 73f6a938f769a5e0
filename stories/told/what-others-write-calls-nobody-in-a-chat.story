# Somebody aborts, and gives a reason that would call everybody in a chat and look like a link.
serin deployed
policy orders
push orders v2
release orders v2
until approval orders
run 1m
ann orders abort of orders because <!channel> see <http://example.com|the fix> & go on
until closed orders
run 10m
expect release of orders is rolled back
expect one notice of rolled-back
expect a notice that says <!channel> see
expect nobody called in the chat
