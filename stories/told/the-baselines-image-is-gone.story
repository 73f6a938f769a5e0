# The image that both services run was deleted by a lifecycle rule: found before the canary changes, so there is no release and nothing to undo.
serin deployed
policy orders with open
image v1 of orders is deleted
push orders v2
release orders v2
until execution of orders is Failed
expect no release
expect orders-canary runs v1
expect orders runs v1
