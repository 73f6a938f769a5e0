# Every message and event comes twice and late, that of the approval too: it is answered once.
serin deployed
everything comes twice and up to 5m late
policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody {"approval": "automatic", "steps": [{"share_permille": 250, "bake_minutes": 10}], "watch_minutes": 10}
push orders v2
release orders v2
until approval orders
until release of orders is promoted
expect release of orders is promoted
expect orders runs v2
