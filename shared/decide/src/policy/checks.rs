//! The table of fields, continued: what judges a canary.

use super::form::{Form, Piece};
use super::table::{Absent, Field, Kind, Variant, minutes, one_of, optional, required};
use Piece::{Again, Either, Exactly, Many, Times};

pub(super) static CHECK: &[Variant] = &[
    Variant {
        kind: "alarm",
        about: "A CloudWatch alarm: it fails while the alarm is in ALARM for what happened since the canary changed.",
        fields: &[
            required(
                "name",
                Kind::Text(&ALARM_NAME),
                "Name of the alarm, in the policy's account and region.",
            ),
            required(
                "when_stale",
                one_of(&["block", "arm_on_recovery", "ignore"], &[]),
                "What an alarm means that went to ALARM before the canary changed. block: no release goes forward before \
                 it has recovered. arm_on_recovery: it counts once it has recovered and gone to ALARM anew. ignore: it \
                 does not count for this release.",
            ),
            required(
                "insufficient_data",
                one_of(&["ok", "undecided"], &[]),
                "What INSUFFICIENT_DATA means. ok: as good as OK. undecided: the check neither passes nor fails.",
            ),
        ],
    },
    Variant {
        kind: "compare",
        about: "Canary against stable over the same minutes, while the canary bakes and its approval is awaited: it \
                fails where the canary fails more of its messages than stable does, by ratio_max and by more than \
                chance gives. Once stable has the revision too there is nothing to compare with, and it says nothing.",
        fields: &[
            required(
                "metric",
                Kind::Object(METRIC),
                "Two metrics, each with the one dimension, that the workers of both services put on record every \
                 minute; also failures that are none, as 0.",
            ),
            required(
                "ratio_max",
                Kind::Ratio { min: 1, max: 100 },
                "How many times stable's share of failures the canary may have.",
            ),
            required(
                "total_min",
                Kind::Number {
                    min: 1,
                    max: 1_000_000,
                    unit: "messages",
                },
                "Messages that each side must have handled within the window; with fewer the check neither passes \
                 nor fails.",
            ),
            required(
                "window_minutes",
                minutes(1, 180),
                "Minutes looked back, never to before the canary's tasks were seen to run.",
            ),
        ],
    },
    Variant {
        kind: "dlq_growth",
        about: "A dead-letter queue: it fails once the queue has gained too many messages since the canary changed. \
                What lies in it already counts for nothing, and emptying it hides nothing.",
        fields: &[
            required(
                "queue",
                Kind::Text(&QUEUE_NAME),
                "Name of the dead-letter queue, in the policy's account and region.",
            ),
            required(
                "messages_max",
                Kind::Number {
                    min: 0,
                    max: 100_000,
                    unit: "messages",
                },
                "Most messages that it may gain. Counted from a minute after a deployment has come to rest: what \
                 tasks drop as they are replaced is nobody's fault.",
            ),
        ],
    },
    Variant {
        kind: "metric",
        about: "A metric against a bound: it fails where all of its last periods are above that, and neither passes nor \
                fails where one has no datum. Counted while the canary bakes, its approval is awaited, and in the watch, \
                never from before its tasks were seen to run.",
        fields: &[required(
            "metric",
            Kind::Object(BOUNDED),
            "What is measured, over which periods, and the bound.",
        )],
    },
    Variant {
        kind: "expression",
        about: "What CloudWatch's metric math makes of metrics, against a bound: it fails as the check metric does. A \
                period for which the expression has no value neither passes nor fails.",
        fields: &[required(
            "metric",
            Kind::Object(CALCULATED),
            "What is calculated, over which periods, and the bound.",
        )],
    },
    Variant {
        kind: "health",
        about: "Tasks of what is released: it fails once too many have failed. A task fails that never comes to run, that \
                ends by itself, whatever its exit code, or that ECS replaces as unhealthy. One that a person, the \
                scheduler, Spot or its host ended does not.",
        fields: &[required(
            "failed_tasks_max",
            Kind::Number {
                min: 0,
                max: 1_000,
                unit: "tasks",
            },
            "Most tasks of a service that may fail, of those that ECS still shows: an hour's, or somewhat more.",
        )],
    },
];

static BOUNDED: &[Field] = &[
    ITS_NAMESPACE,
    ITS_NAME,
    ITS_STATISTIC,
    ITS_DIMENSIONS,
    PERIOD,
    PERIODS,
    MAX,
];

static CALCULATED: &[Field] = &[
    required(
        "expression",
        Kind::Text(&EXPRESSION),
        "CloudWatch metric math that yields one series, such as 100 * failed / handled.",
    ),
    required(
        "metrics",
        Kind::List {
            min: 1,
            max: Some(10),
            of: "metrics",
            item: &Kind::Object(TERM),
        },
        "What the names in the expression stand for.",
    ),
    PERIOD,
    PERIODS,
    MAX,
];

static TERM: &[Field] = &[
    required(
        "id",
        Kind::Text(&METRIC_ID),
        "Its name in the expression; no other expression of the policy may use it.",
    ),
    ITS_NAMESPACE,
    ITS_NAME,
    ITS_STATISTIC,
    ITS_DIMENSIONS,
];

const ITS_NAMESPACE: Field = required("namespace", Kind::Text(&NAMESPACE), "Its namespace.");
const ITS_NAME: Field = required("name", Kind::Text(&METRIC_NAME), "Its name.");
const ITS_STATISTIC: Field = required(
    "statistic",
    Kind::Text(&STATISTIC),
    "Its statistic: Average, Sum, Maximum, p99, TM(90%:100%)",
);
const ITS_DIMENSIONS: Field = optional(
    "dimensions",
    Kind::List {
        min: 1,
        max: Some(30),
        of: "dimensions",
        item: &DIMENSION,
    },
    Absent::Described,
    "Its dimensions, all of them. Without it: the metric that has none.",
);
const PERIOD: Field = required(
    "period_minutes",
    minutes(1, 60),
    "Minutes of a period: a whole number of periods makes an hour.",
);
const PERIODS: Field = required(
    "periods",
    Kind::Number {
        min: 1,
        max: 60,
        unit: "periods",
    },
    "Periods that must all be above max, one after the other.",
);
const MAX: Field = required(
    "max",
    Kind::Ratio {
        min: 0,
        max: 1_000_000_000,
    },
    "The highest value that is good.",
);

static DIMENSION: Kind = Kind::Object(NAMED);

static NAMED: &[Field] = &[
    required("name", Kind::Text(&DIMENSION_NAME), "Its name."),
    required(
        "value",
        Kind::Text(&DIMENSION_VALUE),
        "Its value. {revision} in it stands for family:revision of what the canary was given, as in orders-canary:7.",
    ),
];

static METRIC: &[Field] = &[
    required("namespace", Kind::Text(&NAMESPACE), "Namespace of both metrics."),
    required(
        "failed",
        Kind::Text(&METRIC_NAME),
        "Name of the metric that counts messages that failed.",
    ),
    required(
        "total",
        Kind::Text(&METRIC_NAME),
        "Name of the metric that counts all messages, those included that failed.",
    ),
    required(
        "dimension",
        Kind::Text(&DIMENSION_NAME),
        "Name of the dimension whose value is family:revision of the task's definition, as in orders-canary:7.",
    ),
];

/// Amazon CloudWatch API Reference, PutMetricAlarm `AlarmName`: no ASCII control characters.
static ALARM_NAME: Form = Form {
    says: "an alarm's name, not its ARN, of 1 to 255 characters, not all of them spaces",
    pieces: &[
        Again(&[Times(1, "^\x00-\x1f\x7f")]),
        Times(
            1,
            "^\x00-\x20\x7f\u{85}\u{a0}\u{2000}-\u{200b}\u{2028}\u{2029}\u{3000}\u{feff}",
        ),
        Again(&[Times(1, "^\x00-\x1f\x7f")]),
    ],
    characters_max: 255,
    begins_not_with: "arn:",
};

/// Amazon CloudWatch API Reference, PutMetricData `Namespace`.
static NAMESPACE: Form = Form {
    says: "a namespace: 1 to 255 of A-Z a-z 0-9 . - _ / # :, not beginning with a colon",
    pieces: &[Many("A-Za-z0-9._/#:-")],
    characters_max: 255,
    begins_not_with: ":",
};

/// Amazon CloudWatch API Reference, MetricDatum `MetricName`; only what can be typed.
static METRIC_NAME: Form = Form {
    says: "a metric's name, of 1 to 255 ASCII characters",
    pieces: &[Many(" -~")],
    characters_max: 255,
    begins_not_with: "",
};

/// Amazon CloudWatch API Reference, Dimension `Name`.
static DIMENSION_NAME: Form = Form {
    says: "a dimension's name, of 1 to 255 ASCII characters, not beginning with a colon",
    pieces: &[Many(" -~")],
    characters_max: 255,
    begins_not_with: ":",
};

/// Amazon CloudWatch API Reference, Dimension `Value`.
static DIMENSION_VALUE: Form = Form {
    says: "a dimension's value, of 1 to 1024 ASCII characters",
    pieces: &[Many(" -~")],
    characters_max: 1_024,
    begins_not_with: "",
};

/// Amazon CloudWatch User Guide, "CloudWatch statistics definitions".
static STATISTIC: Form = Form {
    says: "a statistic as CloudWatch spells it, as Average, Sum, p99 or TM(90%:100%)",
    pieces: &[Many("A-Za-z0-9.:%()")],
    characters_max: 64,
    begins_not_with: "",
};

/// Amazon CloudWatch API Reference, MetricDataQuery `Id`.
static METRIC_ID: Form = Form {
    says: "a name for an expression: a lower-case letter, then up to 254 of A-Z a-z 0-9 _",
    pieces: &[Times(1, "a-z"), Again(&[Times(1, "A-Za-z0-9_")])],
    characters_max: 255,
    begins_not_with: "measured_",
};

/// Amazon CloudWatch API Reference, MetricDataQuery `Expression`.
static EXPRESSION: Form = Form {
    says: "metric math, of 1 to 1024 ASCII characters",
    pieces: &[Many(" -~")],
    characters_max: 1_024,
    begins_not_with: "",
};

/// Amazon SQS API Reference, CreateQueue `QueueName`.
static QUEUE_NAME: Form = Form {
    says: "a queue's name, not its ARN or URL: 1 to 80 of A-Z a-z 0-9 - _, .fifo at the end where it is one",
    pieces: &[Many("A-Za-z0-9_-"), Either(&[&[], &[Exactly(".fifo")]])],
    characters_max: 80,
    begins_not_with: "",
};
