# Nobody may give the services anything: people hear it at the deadline, after 15 minutes, after an hour and every four
# hours from then on, and that it was put right in the end.
serin deployed
policy orders {"deadline_minutes": 5}
push orders v2
release orders v2
until approval orders
run 2m
nobody may ecs:UpdateService
nobody may ecs:StopServiceDeployment
dlq orders 25
until release of orders is rollback failing
run 2m
expect one notice of rollback-failing
expect 0 notices of rolled-back
run 20m
expect 2 notices of rollback-failing
run 50m
expect 3 notices of rollback-failing
run 4h
expect 4 notices of rollback-failing
expect a notice that says ROLLBACK STILL FAILING since
everybody may ecs:UpdateService again
everybody may ecs:StopServiceDeployment again
dlq orders 0
until closed orders
run 10m
expect release of orders is rolled back
expect one notice of rolled-back
expect a notice that says rolled back after all
expect 4 notices of rollback-failing
