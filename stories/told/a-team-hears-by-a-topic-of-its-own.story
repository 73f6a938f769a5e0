# The policy names a topic of the team's own, which carries the tag; the other one's topic carries none, and nobody hears.
serin deployed
topic orders-releases of orders
policy orders {"notify": "arn:aws:sns:eu-central-1:111122223333:orders-releases", "watch_minutes": 10}
policy invoices {"notify": "arn:aws:sns:eu-central-1:111122223333:invoices-releases", "watch_minutes": 10}
push orders v2
push invoices v2
release orders v2
release invoices v2
until approval orders
until approval invoices
run 1m
ann approves orders
ann approves invoices
until closed orders
until closed invoices
run 4h
expect one notice of promoted
expect a notice that says orders: orders-canary:2 promoted
expect 2 events of promoted
expect the alarm of notices is ringing
