//! What a name, an id and a resource must look like, and how a refusal of something else reads.

use super::node::{Node, kind};
use super::sender::{EVENT_BYTES_MAX, is_oversize};
use super::{Undecodable, text};
use serde_json::Value;

/// Documents that belong to another function, by a field at the top that only their sender writes.
const STRANGERS: [(&str, &str, &str); 8] = [
    ("alarmData", ALARM, "name the function `rollback` in the alarm's action"),
    ("alarmArn", ALARM, "name the function `rollback` in the alarm's action"),
    (
        "Records",
        "a batch of records",
        "let the service that tells of it invoke this function itself, without a topic, queue or stream in between",
    ),
    (
        "lifecycleStage",
        "an ECS deployment lifecycle hook",
        "name the function `answer-hook` in the service's lifecycle hooks",
    ),
    (
        "LifecycleEventHookExecutionId",
        "a CodeDeploy lifecycle hook",
        "name the function `answer-hook` in the AppSpec's hooks",
    ),
    (
        JOB,
        "a CodePipeline job",
        "name the function `open`, `approve` or `promote` in the pipeline's action; this job now waits until it times out",
    ),
    (
        "detail-type",
        BUS,
        "let the EventBridge rule invoke the function `watch`",
    ),
    ("detail", BUS, "let the EventBridge rule invoke the function `watch`"),
];

const ALARM: &str = "an alarm action's event";
const BUS: &str = "an event of an EventBridge rule";

/// The one field of a pipeline's job.
pub(super) const JOB: &str = "CodePipeline.job";
/// The fields of a rule's event that nothing else has.
pub(super) const RULE: [&str; 2] = ["detail-type", "detail"];

/// Who to look for when nobody should have sent this.
pub(super) const WHO: &str = "find out who invokes this function (its resource policy and its triggers name them)";

/// What a function expects at the top, and what its reader should compare with.
pub(super) struct Expected {
    /// The document, with its article.
    pub(super) document: &'static str,
    /// The fields that mark it.
    pub(super) marks: &'static [&'static str],
    /// What to do where a field is missing.
    pub(super) complete: &'static str,
    /// What to do where a field holds something else.
    pub(super) compare: &'static str,
}

impl Expected {
    /// Refuses what is too large, what bears another sender's mark, and what bears no mark of its own.
    pub(super) fn require(&self, payload: &Value) -> Result<(), Undecodable> {
        if is_oversize(payload) {
            let expected = format!("a document of at most {EVENT_BYTES_MAX} bytes");
            return Err(at_the_top(
                expected,
                "a larger one, of which nothing was read".to_owned(),
                WHO,
            ));
        }
        let has = |field: &str| payload.get(field).is_some();
        let own = self.marks.iter().find(|mark| has(mark));
        let other = STRANGERS
            .iter()
            .find(|(field, ..)| !self.marks.contains(field) && has(field));
        match (own, other) {
            (Some(_), None) => Ok(()),
            (Some(own), Some((other, ..))) => Err(self.refuse(format!("both `{own}` and `{other}`"), WHO)),
            (None, Some((_, found, next))) => Err(self.refuse((*found).to_owned(), next)),
            (None, None) => Err(self.refuse(kind(payload), WHO)),
        }
    }

    /// Refuses the document as a whole.
    pub(super) fn refuse(&self, found: String, next: &'static str) -> Undecodable {
        at_the_top(self.document.to_owned(), found, next)
    }

    /// A refusal of a field, with the advice that fits this document instead of the one for alarms.
    pub(super) fn advise(&self, refusal: Undecodable) -> Undecodable {
        let (at, expected, found, next) = match refusal {
            Undecodable::Missing { at, expected } => (at, expected, "nothing".to_owned(), self.complete),
            Undecodable::Malformed { at, expected, found } => (at, expected, found, self.compare),
            other => return other,
        };
        Undecodable::Unfit {
            at: format!("`{at}`"),
            expected: expected.to_owned(),
            found,
            next,
        }
    }
}

fn at_the_top(expected: String, found: String, next: &'static str) -> Undecodable {
    Undecodable::Unfit {
        at: "the payload".to_owned(),
        expected,
        found,
        next,
    }
}

/// Refuses `claimed`, which stands at `node`, if it is not what the ARN at `inside` says.
pub(super) fn agree(
    what: &str,
    (outside, claimed): (&Node<'_>, &str),
    (inside, known): (&str, &str),
) -> Result<(), Undecodable> {
    if claimed == known {
        return Ok(());
    }
    Err(Undecodable::Unfit {
        at: format!("`{}`", outside.path()),
        expected: format!("the {what} of the ARN in `{inside}`, {}", text::quoted(known)),
        found: text::quoted(claimed),
        next: "AWS never sends this: take the event for forged and find out who invokes this function",
    })
}

/// A text of `node` that is what `is` says; anything else is quoted in the refusal.
pub(super) fn checked<'a>(
    node: &Node<'a>,
    expected: &'static str,
    is: fn(&str) -> bool,
) -> Result<&'a str, Undecodable> {
    let found = node.text(expected)?;
    if is(found) {
        Ok(found)
    } else {
        Err(node.malformed(expected, text::quoted(found)))
    }
}

/// The id of a job or of a pipeline's execution, as every operation that takes one wants it.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobFailureResult.html>
pub(super) fn is_uuid(text: &str) -> bool {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| {
            if DASHES.contains(&index) {
                byte == b'-'
            } else {
                matches!(byte, b'0'..=b'9' | b'a'..=b'f')
            }
        })
}

/// The twelve digits of an account.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The code of a region or of a partition.
pub(super) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The name of a pipeline, stage or action.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html>
pub(super) fn is_pipeline_name(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".@-_".contains(&b))
}

/// The name of a cluster or service.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html>
pub(super) fn is_ecs_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// The name of a parameter, with its path.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>
pub(super) fn is_parameter_name(text: &str) -> bool {
    (1..=2048).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
}

/// What an ARN names: `arn:<partition>:<service>:<region>:<account>:<resource>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    /// All that follows the account; it may hold slashes and colons.
    pub(super) resource: &'a str,
}

/// The ARN of something of `service`, in any partition.
pub(super) fn arn<'a>(node: &Node<'a>, service: &str, expected: &'static str) -> Result<Arn<'a>, Undecodable> {
    let text = node.text(expected)?;
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let refuse = |because: &str| Err(node.malformed(expected, format!("{} ({because})", text::quoted(text))));
    let &[arn, partition, owner, region, account, resource] = parts.as_slice() else {
        return refuse("it has fewer than six fields");
    };
    let faults = [
        (
            arn != "arn" || !partition.starts_with("aws") || !is_code(partition),
            "it does not begin with arn:aws",
        ),
        (owner != service, "it belongs to another service"),
        (!is_code(region), "its region is not a region's code"),
        (!is_account(account), "its account is not twelve digits"),
    ];
    match faults.iter().find(|(wrong, _)| *wrong) {
        Some((_, because)) => refuse(because),
        None => Ok(Arn {
            region,
            account,
            resource,
        }),
    }
}
