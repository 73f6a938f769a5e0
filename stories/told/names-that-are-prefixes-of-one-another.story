# Forty services with names that are prefixes of one another, ten of them releasing at once, one of them bad.
serin deployed
quietly
policies a aa aaa aaaa a-a a-b ab abc abcd b bb bbb ba bab c ca cab cc d da dad dd e ea ee f fa fee g ga gag h ha i in ink j k l lo
aloud
quietly
push a v2
push aa v2
push aaa v2
push a-a v2
push ab v2
push abc v2
push b v2
push ba v2
push c v2
push ca v2
release a v2
release aa v2
release aaa v2
release a-a v2
release ab v2
release abc v2
release b v2
release ba v2
release c v2
release ca v2
until approval ca
until approval a
until approval aaa
run 5m
dlq aa 25
until release of aa is rolled back
aloud
expect aa runs v1
expect aa-canary runs v1
expect the approval of aa is closed
expect release of a is baking
expect a-canary runs v2
expect the approval of a is open
expect release of aaa is baking
expect aaa-canary runs v2
expect the approval of aaa is open
expect release of ab is baking
expect release of ca is baking
expect one release of aa
expect no release of aaaa
expect no release of a-b
quietly
ann approves a
ann approves aaa
ann approves ca
until release of a is promoted
until release of aaa is promoted
until release of ca is promoted
aloud
expect a runs v2
expect aaa runs v2
expect ca runs v2
expect aa runs v1
expect aaaa runs v1
