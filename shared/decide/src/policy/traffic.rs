//! The table of fields, continued: how traffic is shared, and steps that are all alike.

use super::form::{Form, Piece};
use super::table::{Absent, Field, Kind, REGION, Variant, minutes, optional, required};
use Piece::{Either, Exactly, Many, Times};

pub(super) static TRAFFIC: &[Variant] = &[
    Variant {
        kind: "consumer_share",
        about: "Both services take from one queue; the share follows the numbers of tasks.",
        fields: &[required(
            "tasks_max",
            Kind::Number {
                min: 2,
                max: 5_000,
                unit: "tasks",
            },
            "Most tasks of both services together.",
        )],
    },
    Variant {
        kind: "alb",
        about: "An Application Load Balancer forwards to both services; the share follows the weights of their target \
                groups in one rule. Of the rule only these two weights are ever changed.",
        fields: &[
            required(
                "rule",
                Kind::Text(&RULE_ARN),
                "ARN of the listener rule that forwards to both target groups, or of the listener whose default action \
                 does. It carries the tag serin:policy.",
            ),
            required(
                "stable_target_group",
                Kind::Text(&TARGET_GROUP_ARN),
                "ARN of the target group of the stable service.",
            ),
            required(
                "canary_target_group",
                Kind::Text(&TARGET_GROUP_ARN),
                "ARN of the target group of the canary. Not the stable one.",
            ),
            optional(
                "resting_share_permille",
                Kind::Number {
                    min: 0,
                    max: 1_000,
                    unit: "thousandths",
                },
                Absent::Described,
                "The canary's share while nothing is released, in thousandths. Without it: what it was when the release \
                 was opened.",
            ),
        ],
    },
];

pub(super) static LINEAR: &[Field] = &[
    required(
        "step_permille",
        Kind::Number {
            min: 10,
            max: 1_000,
            unit: "thousandths",
        },
        "How much more of the work the canary gets with each step, in thousandths; the first one gives it as much.",
    ),
    required("every_minutes", minutes(0, 20_160), "Minutes that each step bakes."),
    required(
        "until_permille",
        Kind::Number {
            min: 10,
            max: 1_000,
            unit: "thousandths",
        },
        "The share of the last step, in thousandths: what the canary's tasks must be able to carry.",
    ),
];

const ARN_BEGINS: Piece = Either(&[
    &[Exactly("arn:aws:elasticloadbalancing:")],
    &[Exactly("arn:aws-cn:elasticloadbalancing:")],
    &[Exactly("arn:aws-us-gov:elasticloadbalancing:")],
]);

/// Service Authorization Reference, Elastic Load Balancing V2, `listener-rule/app` and `listener/app`.
static RULE_ARN: Form = Form {
    says: "the ARN of a listener rule or of a listener of an Application Load Balancer, as in \
           arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/orders/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee",
    pieces: &[
        ARN_BEGINS,
        Either(&[REGION]),
        Exactly(":"),
        Times(12, "0-9"),
        Either(&[
            &[
                Exactly(":listener-rule/app/"),
                Many("A-Za-z0-9-"),
                Exactly("/"),
                Many("0-9a-f"),
                Exactly("/"),
                Many("0-9a-f"),
                Exactly("/"),
                Many("0-9a-f"),
            ],
            &[
                Exactly(":listener/app/"),
                Many("A-Za-z0-9-"),
                Exactly("/"),
                Many("0-9a-f"),
                Exactly("/"),
                Many("0-9a-f"),
            ],
        ]),
    ],
    characters_max: 255,
    begins_not_with: "",
};

/// Service Authorization Reference, Elastic Load Balancing V2, `targetgroup`.
static TARGET_GROUP_ARN: Form = Form {
    says: "the ARN of a target group, as in \
           arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders-canary/73e2d6bc24d8a067",
    pieces: &[
        ARN_BEGINS,
        Either(&[REGION]),
        Exactly(":"),
        Times(12, "0-9"),
        Exactly(":targetgroup/"),
        Many("A-Za-z0-9-"),
        Exactly("/"),
        Many("0-9a-f"),
    ],
    characters_max: 255,
    begins_not_with: "",
};

/// Each kind of the table, and whether it has a field for the share at rest.
#[cfg(test)]
pub(crate) fn kinds() -> Vec<(&'static str, bool)> {
    let rests = |field: &super::table::Field| field.name == "resting_share_permille";
    let kinds = TRAFFIC.iter();
    kinds.map(|kind| (kind.kind, kind.fields.iter().any(rests))).collect()
}
