//! What all events of EventBridge have in common: where, when, about what.

use crate::event::node::{Node, missing};
use crate::event::shape::{self, Arn, Expected, RULE, agree, checked, is_account};
use crate::event::{EpochMillis, Undecodable};
use serde_json::Value;

/// What `watch` takes.
pub(super) const EXPECTED: Expected = Expected {
    document: "an EventBridge event of CodePipeline, ECS or Parameter Store",
    marks: &RULE,
    complete: "AWS sends it whole: remove the rule's input path or transformer, or complete the test event \
               (events/codepipeline, events/ecs and events/ssm have one of each shape)",
    compare: "compare the event with those in events/codepipeline, events/ecs and events/ssm",
};

/// What a rule that matches too much should match.
pub(super) const TAKEN: &str = "let the rule match the three execution state changes of `aws.codepipeline`, \
                                `ECS Deployment State Change` and `ECS Service Action` of `aws.ecs`, and \
                                `Parameter Store Change` of `aws.ssm` only";

/// Where the ARN stands.
const RESOURCE: &str = "resources[0]";

/// An event whose account and region are those of the resource it speaks of.
pub(super) struct Envelope<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    /// What the ARN names, after the account.
    pub(super) resource: &'a str,
    /// The ARN itself, for refusals.
    pub(super) arn: Node<'a>,
    pub(super) detail: Node<'a>,
    time: Node<'a>,
}

/// Source and kind of the event.
pub(super) fn marks(payload: &Value) -> Result<(&str, &str), Undecodable> {
    let event = Node::document("", payload);
    let source = event.field("source").text("the AWS service that tells of it")?;
    Ok((source, event.field("detail-type").text("what the event is about")?))
}

impl<'a> Envelope<'a> {
    /// Opens an event about something of `service`, whose ARN is what `expected` says.
    pub(super) fn open(payload: &'a Value, service: &str, expected: &'static str) -> Result<Self, Undecodable> {
        let event = Node::document("", payload);
        let resource = payload.get("resources").and_then(|resources| resources.get(0));
        let resource = resource.filter(|resource| !resource.is_null());
        let node = Node::document(RESOURCE, resource.ok_or_else(|| missing(RESOURCE, expected))?);
        let Arn {
            region,
            account,
            resource,
        } = shape::arn(&node, service, expected)?;
        let envelope = Envelope {
            account,
            region,
            resource,
            arn: node,
            detail: event.field("detail"),
            time: event.field("time"),
        };
        let (outside, claimed) = (event.field("account"), event.field("region"));
        let account = checked(&outside, "the account, twelve digits", is_account)?;
        envelope.agree("account", (&outside, account), envelope.account)?;
        envelope.agree("region", (&claimed, claimed.text("the region")?), envelope.region)?;
        Ok(envelope)
    }

    /// Refuses what `node` claims if the ARN says something else.
    pub(super) fn agree(&self, what: &str, claimed: (&Node<'_>, &str), known: &str) -> Result<(), Undecodable> {
        agree(what, claimed, (RESOURCE, known))
    }

    /// When the event says it happened, to the second.
    pub(super) fn time(&self) -> Result<EpochMillis, Undecodable> {
        self.time.instant()
    }

    /// When `detail` says it happened, if it does; that is finer than [`Envelope::time`].
    pub(super) fn time_of(&self, field: &str) -> Result<EpochMillis, Undecodable> {
        self.detail.field(field).instant().or_else(|_| self.time())
    }
}
