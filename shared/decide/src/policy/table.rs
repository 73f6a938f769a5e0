//! The table of fields: what a policy document may say. Reader and schema both come from it.

use super::DEADLINE_MINUTES;
use super::checks::CHECK;
use super::form::{Form, Piece};
use super::push::STARTS_ON_PUSH;
use super::traffic::{LINEAR, TRAFFIC};
use Piece::{Again, Either, Exactly, Many, Times};

/// A field of an object.
pub(super) struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it says, for the schema.
    pub about: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means where it is not written.
    pub absent: Absent,
}

/// What a value may be.
pub(super) enum Kind {
    /// A text of a form.
    Text(&'static Form),
    /// A whole number of `unit`, bounds included.
    Number { min: u32, max: u32, unit: &'static str },
    /// One of these names. Those for `later` are known, and refused until this program carries them out.
    Choice {
        now: &'static [&'static str],
        later: &'static [&'static str],
    },
    /// true or false.
    Flag,
    /// A number that need not be whole, bounds included.
    Ratio { min: u32, max: u32 },
    /// An object with these fields and no others.
    Object(&'static [Field]),
    /// An object whose field `kind` names the others.
    Tagged(&'static [Variant]),
    /// A list, bounds included. Texts stand in it once each.
    List {
        min: usize,
        max: Option<usize>,
        /// What it lists, in the plural, and why there must be so many.
        of: &'static str,
        item: &'static Kind,
    },
}

/// One kind of tagged object.
pub(super) struct Variant {
    /// Value of the field `kind`.
    pub kind: &'static str,
    /// What it is, for the schema.
    pub about: &'static str,
    /// The other fields.
    pub fields: &'static [Field],
}

/// What a field means that is not written.
pub(super) enum Absent {
    /// It must be written.
    Refused,
    /// What its description says.
    Described,
    /// This number.
    Number(u32),
}

pub(super) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field {
        name,
        about,
        kind,
        absent: Absent::Refused,
    }
}

pub(super) const fn optional(name: &'static str, kind: Kind, absent: Absent, about: &'static str) -> Field {
    Field {
        name,
        about,
        kind,
        absent,
    }
}

pub(super) const fn one_of(now: &'static [&'static str], later: &'static [&'static str]) -> Kind {
    Kind::Choice { now, later }
}

/// The fields of the document. What no table can say stands in [`super::across`].
pub(super) static POLICY: &[Field] = &[
    required(
        "name",
        Kind::Text(&POLICY_NAME),
        "Name of the policy; also the last part of the SSM parameter's name and the value of the tag serin:policy.",
    ),
    required(
        "two_services",
        Kind::Object(TWO_SERVICES),
        "The two ECS services that share the work.",
    ),
    required(
        "traffic",
        Kind::Tagged(TRAFFIC),
        "Who decides which task gets the next piece of work.",
    ),
    optional(
        "steps",
        Kind::List {
            min: 1,
            max: Some(20),
            of: "steps",
            item: &Kind::Object(STEP),
        },
        Absent::Described,
        "The canary's shares, each larger than the one before. Without steps there is one, with the share that the \
         services' own sizes give and no bake of ours: what waits is the pipeline's approval.",
    ),
    optional(
        "linear",
        Kind::Object(LINEAR),
        Absent::Described,
        "Steps of one size instead of steps: the canary gets as much more each time.",
    ),
    required(
        "checks",
        Kind::List {
            min: 1,
            max: Some(CHECKS_MAX),
            of: "checks, or nothing would ever roll a release back",
            item: &Kind::Tagged(CHECK),
        },
        "What judges the canary. One check for each alarm and for each dead-letter queue.",
    ),
    optional(
        "pipeline",
        Kind::Object(PIPELINE),
        Absent::Described,
        "The CodePipeline pipeline that releases. Without it a release begins with whoever deploys to the canary, or with \
         serin release; under roll_stable Serin gives stable what has baked by itself.",
    ),
    required(
        "approval",
        one_of(&["pipeline", "automatic", "human"], &[]),
        "Who lets a release go to stable. pipeline: somebody answers the pipeline's own approval action. automatic: \
         Serin's approve action in the pipeline, or Serin's answer to a manual approval that notifies it, once all steps \
         have baked without a failed check. human: a person, whom Serin tells when all steps have baked and before the \
         manual approval expires. A failed check rejects whatever approval waits.",
    ),
    required(
        "promotion",
        one_of(&["pipeline", "roll_stable", "swap"], &[]),
        "How stable gets the revision. pipeline: the pipeline's own deploy action gives it. roll_stable: Serin's promote \
         action gives stable's own definition the images that the canary ran, by digest. swap: the canary becomes stable \
         once a load balancer gives it everything; which service is which is read from the weights when a release opens.",
    ),
    optional(
        "retire",
        one_of(&["scale_to_zero", "keep"], &[]),
        Absent::Described,
        "What becomes of the old side once a swap has outlived its watch. scale_to_zero: it is given no tasks. keep: it \
         keeps them. Required where promotion is swap, and refused elsewhere.",
    ),
    required(
        "watch_minutes",
        minutes(0, 10_080),
        "Minutes for which the checks still count once stable has the revision; 0 ends the release with the promotion.",
    ),
    required(
        "on_new_release",
        one_of(&["hold", "continue"], &[]),
        "What the next release finds while this one is watched. hold: it waits. continue: it goes on, and the watch \
         runs on inside it.",
    ),
    required(
        "rollback",
        one_of(&["allowed", "until_promoting", "never"], &[]),
        "Until when a failed check takes the release back. allowed: until the watch ends. until_promoting: until stable \
         has been given the revision. never: for revisions whose messages or schema the one before cannot read. Where it \
         is not taken back, its execution is kept from promoting, its services are left as they are, and the next \
         release takes its place.",
    ),
    optional(
        "when_undecided",
        Kind::Object(WHEN_UNDECIDED),
        Absent::Described,
        "What follows where the checks have too little evidence once a bake or a watch is over. What cannot be read is \
         not meant: it holds a release, and nothing more. Without it the release is held until the checks can tell.",
    ),
    optional(
        "images_from",
        Kind::List {
            min: 1,
            max: Some(20),
            of: "repositories",
            item: &Kind::Text(&REPOSITORY),
        },
        Absent::Described,
        "ECR repositories that new images may come from, without tag and digest: a canary that is given one from \
         elsewhere is rolled back. Without it they may come from anywhere.",
    ),
    optional(
        "starts_on_push",
        Kind::Object(STARTS_ON_PUSH),
        Absent::Described,
        "Which pushes to ECR start a release, where Serin's stack has pushes start any (its parameter StartsOnPush): what \
         the canary runs of the repository is replaced by what was pushed, by digest. Without it: none.",
    ),
    optional(
        "freeze",
        Kind::List {
            min: 1,
            max: Some(20),
            of: "windows",
            item: &Kind::Object(WINDOW),
        },
        Absent::Described,
        "Windows in which nothing moves forward: the canary gets no larger share, Serin approves nothing and begins no \
         promotion, and a job that opens a release is held. Rolling back is always allowed.",
    ),
    optional(
        "deadline_minutes",
        minutes(5, 1_440),
        Absent::Number(DEADLINE_MINUTES),
        "Minutes within which a release must be rolled back, once that has begun, and stable must run what Serin gives it.",
    ),
    optional(
        "stop",
        Kind::Tagged(STOP),
        Absent::Described,
        "What becomes of the canary's bad tasks once it was given its baseline: until they are gone they go on \
         receiving. Without it: now.",
    ),
    optional(
        "notify",
        Kind::Text(&TOPIC),
        Absent::Described,
        "ARN of the SNS topic, in the same account and region, that people hear this policy's notices by; it carries the \
         tag serin:policy, and is no FIFO topic. Without it: the topic of Serin's own stack.",
    ),
    optional(
        "dry_run",
        Kind::Flag,
        Absent::Described,
        "Whether Serin only decides, writes down and tells what it would do, and changes nothing: neither services nor \
         the pipeline. Its own actions in the pipeline wait as they would, and then let the execution go on whatever \
         was found. Without it: false.",
    ),
    optional(
        "$schema",
        Kind::Text(&SCHEMA_ADDRESS),
        Absent::Described,
        "Where an editor finds this schema. Serin does not read it.",
    ),
];

/// Most checks: a release is opened, and takes another's place, in one transaction with a pointer for each alarm, and
/// DynamoDB takes 100 writes in one.
pub(super) const CHECKS_MAX: usize = 90;

static TWO_SERVICES: &[Field] = &[
    required(
        "cluster",
        Kind::Text(&ECS_NAME),
        "Name of the cluster that both run in.",
    ),
    required("stable", Kind::Text(&ECS_NAME), "Name of the large service."),
    required(
        "canary",
        Kind::Text(&ECS_NAME),
        "Name of the small service, which gets a revision first. Not the stable one.",
    ),
];

static STEP: &[Field] = &[
    required(
        "share_permille",
        Kind::Number {
            min: 1,
            max: 1_000,
            unit: "thousandths",
        },
        "The canary's share of the work, in thousandths.",
    ),
    required(
        "bake_minutes",
        minutes(0, 20_160),
        "Minutes for which the checks must not fail before the next step.",
    ),
];

static WHEN_UNDECIDED: &[Field] = &[
    required(
        "extend_minutes_max",
        minutes(0, 1_440),
        "Minutes for which evidence is waited for beyond the bake of each step, or the watch.",
    ),
    required(
        "then",
        one_of(&["hold", "roll_back", "go_on"], &[]),
        "What comes then. hold: the release stays where it is. roll_back: it is rolled back. go_on: it goes on, and its \
         evidence says what was lacking.",
    ),
];

static WINDOW: &[Field] = &[
    required(
        "cron",
        Kind::Text(&CRON),
        "When it begins: minute, hour, day of the month, month, day of the week, by the clock of time_zone.",
    ),
    required(
        "minutes",
        minutes(1, 44_640),
        "How many minutes it lasts, however a clock is put forward or back within it.",
    ),
    required(
        "time_zone",
        Kind::Text(&TIME_ZONE),
        "Its time zone by the name of the IANA database, such as Europe/Berlin or UTC.",
    ),
];

static STOP: &[Variant] = &[
    Variant {
        kind: "now",
        about: "They are stopped in the same step, each with the stop time-out of its definition.",
        fields: &[],
    },
    Variant {
        kind: "drain",
        about: "ECS replaces them at its own pace, and those that are protected may finish; what still runs then is \
                stopped.",
        fields: &[required(
            "seconds",
            Kind::Number {
                min: 10,
                max: 7_200,
                unit: "seconds",
            },
            "Seconds after the canary was given its baseline, fewer than deadline_minutes has.",
        )],
    },
];

static PIPELINE: &[Field] = &[required("name", Kind::Text(&PIPELINE_NAME), "Its name.")];

pub(super) const fn minutes(min: u32, max: u32) -> Kind {
    Kind::Number {
        min,
        max,
        unit: "minutes",
    }
}

/// The policy's own name goes into ARNs, tags, Step Functions names and CodePipeline reasons.
static POLICY_NAME: Form = Form {
    says: "1 to 32 of a-z 0-9 -, beginning with a letter",
    pieces: &[Times(1, "a-z"), Again(&[Times(1, "a-z0-9-")])],
    characters_max: 32,
    begins_not_with: "",
};

const CRON_FIELD: Piece = Many("A-Za-z0-9*,/?#+-");

static CRON: Form = Form {
    says: "five fields as in 0 16 * * FRI: minute, hour, day of the month, month, day of the week",
    pieces: &[
        CRON_FIELD,
        Exactly(" "),
        CRON_FIELD,
        Exactly(" "),
        CRON_FIELD,
        Exactly(" "),
        CRON_FIELD,
        Exactly(" "),
        CRON_FIELD,
    ],
    characters_max: 100,
    begins_not_with: "",
};

static TIME_ZONE: Form = Form {
    says: "the name of a time zone, as in Europe/Berlin, or UTC",
    pieces: &[Either(&[
        &[Exactly("UTC")],
        &[
            Many("A-Za-z0-9_+-"),
            Exactly("/"),
            Many("A-Za-z0-9_+-"),
            Again(&[Exactly("/"), Many("A-Za-z0-9_+-")]),
        ],
    ])],
    characters_max: 64,
    begins_not_with: "",
};

/// Amazon ECS API Reference, CreateCluster `clusterName` and CreateService `serviceName`.
static ECS_NAME: Form = Form {
    says: "a name, not an ARN: 1 to 255 of A-Z a-z 0-9 - _",
    pieces: &[Many("A-Za-z0-9_-")],
    characters_max: 255,
    begins_not_with: "",
};

/// AWS CodePipeline API Reference, PipelineDeclaration `name`.
static PIPELINE_NAME: Form = Form {
    says: "a pipeline's name: 1 to 100 of A-Z a-z 0-9 . @ - _",
    pieces: &[Many("A-Za-z0-9.@_-")],
    characters_max: 100,
    begins_not_with: "",
};

/// Amazon SNS API Reference, CreateTopic `Name`: at most 256 characters.
static TOPIC: Form = Form {
    says: "the ARN of an SNS topic as in arn:aws:sns:eu-central-1:123456789012:releases, not a FIFO one",
    pieces: &[
        Exactly("arn:aws"),
        Either(&[&[], &[Exactly("-cn")], &[Exactly("-us-gov")]]),
        Exactly(":sns:"),
        Either(&[REGION]),
        Exactly(":"),
        Times(12, "0-9"),
        Exactly(":"),
        Many("A-Za-z0-9_-"),
    ],
    characters_max: 320,
    begins_not_with: "",
};

static SCHEMA_ADDRESS: Form = Form {
    says: "the schema's address, of 1 to 255 characters",
    pieces: &[Many("^\x00-\x1f\x7f")],
    characters_max: 255,
    begins_not_with: "",
};

/// A private registry's host, then the repository.
///
/// # Source
/// Amazon ECR User Guide, "Private registries"; Amazon ECR API Reference, CreateRepository `repositoryName` (at most
/// 256 characters; a host has fewer than 64).
static REPOSITORY: Form = Form {
    says: "a repository as in 123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders, without tag and digest",
    pieces: &[
        Times(12, "0-9"),
        Either(&[
            &[
                Exactly(".dkr.ecr"),
                Either(&[&[], &[Exactly("-fips")]]),
                Exactly("."),
                Either(&[REGION]),
                Exactly(".amazonaws.com"),
                Either(&[&[], &[Exactly(".cn")]]),
            ],
            &[Exactly(".dkr-ecr."), Either(&[REGION]), Exactly(".on.aws")],
        ]),
        Exactly("/"),
        Either(&[PATH_PART]),
        Again(&[Exactly("/"), Either(&[PATH_PART])]),
    ],
    characters_max: 320,
    begins_not_with: "",
};

pub(super) static REGION: &[Piece] = &[
    Many("a-z"),
    Exactly("-"),
    Many("a-z"),
    Again(&[Exactly("-"), Many("a-z")]),
    Exactly("-"),
    Many("0-9"),
];

pub(super) static PATH_PART: &[Piece] = &[
    Many("a-z0-9"),
    Again(&[
        Either(&[&[Exactly(".")], &[Exactly("_")], &[Exactly("__")], &[Many("-")]]),
        Many("a-z0-9"),
    ]),
];
