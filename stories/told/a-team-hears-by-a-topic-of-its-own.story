# Policies name topics of their teams, which carry the tag; the third one carries none, and its people hear nothing.
serin deployed
topic orders-releases of orders
topic people-of-invoicing of invoices
policy orders {"notify": "arn:aws:sns:eu-central-1:111122223333:orders-releases", "watch_minutes": 10}
policy invoices {"notify": "arn:aws:sns:eu-central-1:111122223333:people-of-invoicing", "watch_minutes": 10}
policy payments {"notify": "arn:aws:sns:eu-central-1:111122223333:payments-releases", "watch_minutes": 10}
push orders v2
push invoices v2
push payments v2
release orders v2
release invoices v2
release payments v2
until approval orders
until approval invoices
until approval payments
run 1m
ann approves orders
ann approves invoices
ann approves payments
until closed orders
until closed invoices
until closed payments
run 4h
expect 2 notices of promoted
expect a notice that says orders: orders-canary:2 promoted
expect a notice that says invoices: invoices-canary:2 promoted
expect 3 events of promoted
expect the alarm of notices has rung
