//! Every event on file.

use super::begun::{
    ABOUT_TO_RING, APPROVED, BAKING, BROKEN, BROKEN_BY_HAND, KNOWN, POISONED, PROMOTED, PROMOTING, TESTED, WAITING,
    asked,
};
use super::{Leads, Scene, Set, orders, policies, starts};

const AT_APPROVAL: &str = "a bad release waits at its approval, its alarm is about to go off";
const JOB: &str = "the pipeline waits for the answer to this job before it changes the canary";
pub(super) const ROLLS_BACK: Leads = Leads::To("rolling back");

pub(super) const fn at_approval(
    event: &'static str,
    function: &'static str,
    leads: Leads,
    says: &'static str,
) -> Scene {
    Scene {
        event,
        function,
        about: AT_APPROVAL,
        set: Set::Story {
            heard: POISONED,
            unheard: ABOUT_TO_RING,
        },
        leads,
        says,
    }
}

const fn job(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        event,
        function: "open",
        about: JOB,
        set: Set::Job,
        leads,
        says,
    }
}

pub(super) const fn watched(
    event: &'static str,
    about: &'static str,
    [heard, unheard]: [&'static str; 2],
    leads: Leads,
    says: &'static str,
) -> Scene {
    Scene {
        event,
        function: "watch",
        about,
        set: Set::Story { heard, unheard },
        leads,
        says,
    }
}

/// Every event on file, in the order of their names.
pub const SCENES: &[Scene] = &[
    at_approval("advance/clock", "advance", Leads::Looks, "\"done\":false"),
    Scene {
        about: "a bad release waits at its approval, its alarm about to go off; this clock is of the release before",
        ..at_approval(
            "advance/clock-of-a-closed-release",
            "advance",
            Leads::Nothing,
            "\"done\":true",
        )
    },
    at_approval(
        "advance/not-a-tick",
        "advance",
        Leads::Refused,
        "the field policy must be a text",
    ),
    Scene {
        function: "advance",
        ..watched(
            "advance/sweep",
            "the canary runs v2, and neither an event nor the sweep has said so",
            [KNOWN, "release orders v2\nuntil approval orders"],
            Leads::Opens,
            "\"opened\":[\"orders-",
        )
    },
    at_approval("advance/tick", "advance", Leads::Looks, "baking"),
    at_approval("alarm/direct-anomaly", "rollback", ROLLS_BACK, "rolling back"),
    at_approval("alarm/direct-composite", "rollback", ROLLS_BACK, "rolling back"),
    at_approval(
        "alarm/direct-composite-unsuppressed",
        "rollback",
        ROLLS_BACK,
        "rolling back",
    ),
    at_approval(
        "alarm/direct-contributor",
        "rollback",
        Leads::Looks,
        "no check has failed",
    ),
    at_approval(
        "alarm/direct-insufficient-data",
        "rollback",
        Leads::Nothing,
        "the alarm did not go to ALARM",
    ),
    at_approval("alarm/direct-math", "rollback", ROLLS_BACK, "rolling back"),
    at_approval("alarm/direct-metric", "rollback", ROLLS_BACK, "rolling back"),
    at_approval(
        "alarm/direct-ok",
        "rollback",
        Leads::Nothing,
        "the alarm did not go to ALARM",
    ),
    at_approval(
        "alarm/eventbridge-composite-suppressed",
        "rollback",
        Leads::Looks,
        "the alarm's actions are suppressed by WaitPeriod",
    ),
    at_approval(
        "alarm/eventbridge-contributor",
        "rollback",
        Leads::Looks,
        "no check has failed",
    ),
    at_approval("alarm/eventbridge-math", "rollback", ROLLS_BACK, "rolling back"),
    at_approval("alarm/eventbridge-metric", "rollback", ROLLS_BACK, "rolling back"),
    at_approval(
        "alarm/eventbridge-muted",
        "rollback",
        Leads::Looks,
        "the alarm is muted",
    ),
    at_approval("alarm/sns-composite", "rollback", ROLLS_BACK, "rolling back"),
    at_approval("alarm/sns-math", "rollback", ROLLS_BACK, "rolling back"),
    at_approval("alarm/sns-metric", "rollback", ROLLS_BACK, "rolling back"),
    asked("approval/asked", Leads::Looks, "orders-"),
    asked("approval/asked-with-a-remark", Leads::Looks, "orders-"),
    asked("approval/expired", Leads::Nothing, "it expired at 2026-11-20T03:12:00Z"),
    asked(
        "approval/foreign-pipeline",
        Leads::Nothing,
        "no policy names this pipeline",
    ),
    watched(
        "codepipeline/approval-abandoned",
        "somebody stopped the execution at its approval without waiting",
        [WAITING, "ann stops orders and abandons what runs\nrun 10s"],
        ROLLS_BACK,
        "was stopped without promoting",
    ),
    watched(
        "codepipeline/approval-failed",
        "somebody rejected the approval",
        [WAITING, "ann rejects orders\nrun 10s"],
        ROLLS_BACK,
        "failed without promoting",
    ),
    watched(
        "codepipeline/approval-started",
        "the canary runs v2, and its approval waits",
        [BAKING, "until approval orders"],
        Leads::Looks,
        "no check has failed",
    ),
    watched(
        "codepipeline/approval-succeeded",
        "somebody approved, and stable is being given v2",
        [
            WAITING,
            "ann approves orders\nuntil orders of orders is given v2\nrun 5s",
        ],
        Leads::To("promoting"),
        "0 of 3 tasks run it",
    ),
    Scene {
        event: "codepipeline/approve-job",
        function: "approve",
        about: "the canary has baked and the ledger lets the release go on; the pipeline waits for the answer to this job",
        set: Set::Gate(APPROVED),
        leads: Leads::Job("Succeeded"),
        says: "and baked",
    },
    watched(
        "codepipeline/deploy-abandoned",
        "somebody stopped the execution while the canary is deployed, without waiting",
        [BAKING, "ann stops orders and abandons what runs\nrun 10s"],
        ROLLS_BACK,
        "has its deployment in flight rolled back by ECS",
    ),
    watched(
        "codepipeline/deploy-failed",
        "v2 cannot start: ECS has given the deployment up",
        [BROKEN, "until execution of orders is Failed"],
        ROLLS_BACK,
        "no longer runs the revision",
    ),
    watched(
        "codepipeline/deploy-started",
        "the pipeline gives the canary v2, and no release is open",
        [
            KNOWN,
            "release orders v2\nuntil orders-canary of orders is given v2\nrun 5s",
        ],
        Leads::Opens,
        "\"look\":\"opened\"",
    ),
    watched(
        "codepipeline/deploy-succeeded",
        "the pipeline gave the canary v2, and no release is open",
        [KNOWN, "release orders v2\nuntil approval orders"],
        Leads::Opens,
        "\"look\":\"opened\"",
    ),
    job("codepipeline/job-continuation", Leads::Job("Succeeded"), " is open"),
    job("codepipeline/job-first", Leads::Job("Succeeded"), " is open"),
    job(
        "codepipeline/job-hostile-parameters",
        Leads::Job("Failed"),
        "which is not 1 to 32 of a-z 0-9",
    ),
    job("codepipeline/job-kms", Leads::Job("Succeeded"), " is open"),
    job(
        "codepipeline/job-no-parameters",
        Leads::Job("Failed"),
        "is missing: write `{",
    ),
    watched(
        "codepipeline/pipeline-failed",
        "a test after the canary has failed",
        [TESTED, "until execution of orders is Failed"],
        ROLLS_BACK,
        "failed without promoting",
    ),
    watched(
        "codepipeline/pipeline-started",
        "an execution has begun",
        [KNOWN, "release orders v2\nrun 5s"],
        Leads::Nothing,
        "nothing follows from it",
    ),
    watched(
        "codepipeline/pipeline-stopping",
        "somebody stops the execution, whose approval is still open",
        [WAITING, "ann stops orders\nrun 10s"],
        ROLLS_BACK,
        "is being stopped without promoting",
    ),
    watched(
        "codepipeline/pipeline-succeeded",
        "stable was given v2 and runs it",
        [PROMOTING, "until execution of orders is Succeeded\nrun 2m"],
        Leads::To("watching"),
        "watched for 30 minutes",
    ),
    watched(
        "codepipeline/pipeline-superseded",
        "two further releases came while one waits at its approval, and the canary runs the next already",
        [
            WAITING,
            "push orders v3\nrelease orders v2\nrun 3m\nrelease orders v3\nrun 3m",
        ],
        Leads::Replaced,
        "is kept from promoting",
    ),
    Scene {
        event: "codepipeline/promote-job",
        function: "promote",
        about: "Serin has given stable v2 and ECS has come there; the pipeline waits for the answer to this job",
        set: Set::Gate(PROMOTED),
        leads: Leads::Job("Succeeded"),
        says: "is watching",
    },
    watched(
        "codepipeline/stage-failed",
        "somebody rejected the approval",
        [WAITING, "ann rejects orders\nrun 10s"],
        Leads::Nothing,
        "nothing follows from it",
    ),
    watched(
        "codepipeline/stage-started",
        "the canary's stage has begun",
        [KNOWN, "release orders v2\nuntil orders-canary of orders is given v2"],
        Leads::Nothing,
        "nothing follows from it",
    ),
    watched(
        "ecs/deployment-breaker-rollback",
        "v2 cannot start: the circuit breaker goes back to v1",
        [BROKEN, "until orders-canary of orders is given v1"],
        ROLLS_BACK,
        "is on its way to its baseline",
    ),
    watched(
        "ecs/deployment-completed",
        "somebody gave the canary v2 by hand, and no release is open",
        [KNOWN, "bob deploys v2 to orders-canary of orders\nrun 5m"],
        Leads::Opens,
        "\"look\":\"opened\"",
    ),
    watched(
        "ecs/deployment-failed",
        "somebody gave the canary v2, which cannot start: ECS has given it up",
        [BROKEN_BY_HAND, "run 20m"],
        ROLLS_BACK,
        "runs its baseline",
    ),
    watched(
        "ecs/deployment-in-progress",
        "somebody gives the canary v2 by hand, and no release is open",
        [KNOWN, "bob deploys v2 to orders-canary of orders\nrun 20s"],
        Leads::Opens,
        "\"look\":\"opened\"",
    ),
    watched(
        "ecs/service-placement-failure",
        "the canary is being given v2",
        [BAKING, "run 10s"],
        Leads::Looks,
        "no check has failed",
    ),
    watched(
        "ecs/service-steady-state",
        "the canary runs v2, and its approval waits",
        [BAKING, "until approval orders"],
        Leads::Looks,
        "no check has failed",
    ),
    at_approval(
        "hostile/account-contradiction",
        "rollback",
        Leads::Nothing,
        "take the event for forged",
    ),
    at_approval("hostile/array", "rollback", Leads::Nothing, "found a list of 1"),
    at_approval(
        "hostile/broken-time",
        "rollback",
        Leads::Nothing,
        "expected a time like",
    ),
    at_approval(
        "hostile/codepipeline-job",
        "rollback",
        Leads::Nothing,
        "found a CodePipeline job",
    ),
    at_approval(
        "hostile/configuration-change",
        "rollback",
        Leads::Nothing,
        "CloudWatch Alarm Configuration Change",
    ),
    at_approval(
        "hostile/control-characters",
        "rollback",
        ROLLS_BACK,
        "orders-canary was given",
    ),
    at_approval(
        "hostile/ecs-event",
        "rollback",
        Leads::Nothing,
        "belong to the function `watch`",
    ),
    at_approval(
        "hostile/empty-object",
        "rollback",
        Leads::Nothing,
        "found an empty object",
    ),
    at_approval(
        "hostile/half-document",
        "rollback",
        Leads::Nothing,
        "found nothing; AWS sends it whole",
    ),
    at_approval(
        "hostile/half-envelope",
        "rollback",
        Leads::Nothing,
        "expected the alarm's region",
    ),
    at_approval(
        "hostile/half-sns-message",
        "rollback",
        Leads::Nothing,
        "one that breaks off",
    ),
    at_approval(
        "hostile/imitation-of-an-action",
        "rollback",
        Leads::Nothing,
        "found `com.example.orders`",
    ),
    at_approval(
        "hostile/imitation-on-the-bus",
        "rollback",
        Leads::Nothing,
        "from `com.example.orders`",
    ),
    at_approval(
        "hostile/mute-rule-arn",
        "rollback",
        Leads::Nothing,
        "its resource is not an alarm",
    ),
    at_approval(
        "hostile/region-contradiction",
        "rollback",
        Leads::Nothing,
        "take the event for forged",
    ),
    at_approval(
        "hostile/sns-account-contradiction",
        "rollback",
        Leads::Nothing,
        "take the event for forged",
    ),
    at_approval(
        "hostile/sns-approval",
        "rollback",
        Leads::Nothing,
        "a manual approval's notification",
    ),
    at_approval(
        "hostile/sns-eventbridge",
        "rollback",
        Leads::Nothing,
        "without a topic in between",
    ),
    at_approval(
        "hostile/sns-mixed-batch",
        "rollback",
        ROLLS_BACK,
        "found the text `the backup is done`",
    ),
    at_approval(
        "hostile/sns-no-records",
        "rollback",
        Leads::Nothing,
        "found a list of 0",
    ),
    at_approval(
        "hostile/sns-without-id",
        "rollback",
        Leads::Nothing,
        "missing field `MessageId`",
    ),
    at_approval(
        "hostile/sqs-record",
        "rollback",
        Leads::Nothing,
        "found a record of `aws:sqs`",
    ),
    at_approval(
        "hostile/state-is-a-number",
        "rollback",
        Leads::Nothing,
        "found a number",
    ),
    at_approval(
        "hostile/two-senders",
        "rollback",
        Leads::Nothing,
        "found both `alarmData` and `detail-type`",
    ),
    at_approval(
        "hostile/unknown-state",
        "rollback",
        Leads::Nothing,
        "the alarm did not go to ALARM",
    ),
    orders::ABORT,
    orders::APPROVE,
    orders::FREEZE,
    orders::HOSTILE_TEXT,
    orders::OF_A_CLOSED_RELEASE,
    orders::PROMOTE,
    orders::SKIP,
    orders::THAW,
    orders::UNKNOWN_KIND,
    policies::CREATED,
    policies::DELETED,
    policies::UPDATED,
    starts::BY_A_TAG,
    starts::OF_A_TOOL,
    starts::RELEASE,
    starts::WITHOUT_IMAGES,
];
