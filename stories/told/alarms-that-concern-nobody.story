# An alarm that no policy names, one that recovers, a muted and a suppressed one, and a document cut in half.
policy orders
event alarm/direct-ok.json
event alarm/eventbridge-muted.json
event alarm/eventbridge-composite-suppressed.json
event alarm/direct-metric.json from 999988887777
event hostile/account-contradiction.json
event hostile/codepipeline-job.json
event hostile/half-document.json
event alarm/direct-metric.json
