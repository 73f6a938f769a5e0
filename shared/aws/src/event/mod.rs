//! What events say, before anybody acts on it.
//!
//! [`alarms`] turns whatever invoked the function into alarm transitions. It looks at the document and at nothing else: no
//! AWS call, no clock. Whether the account is ours and whether a policy knows the alarm is decided by those who ask.
//!
//! [`approvals`] reads what manual approval actions send to their topic. [`job`] reads a pipeline's job and [`parameters`] what the team wrote into its action; [`happened`] reads what `watch` is
//! told of pipelines, services and policies.
//!
//! | question | answered in |
//! |---|---|
//! | who sent this alarm? | `sender` |
//! | CloudWatch itself, EventBridge, an SNS topic | `direct`, `eventbridge`, `sns` |
//! | which manual approval waits? | `approval` |
//! | which job, and for which policy and execution? | `job`, `parameters` |
//! | what does a person order? | `order` |
//! | which images does somebody have released? | `start` |
//! | which image was pushed to ECR? | `push` |
//! | what happened to a pipeline, a service, a policy? | `happening` |
//! | what must a name, an id, an ARN look like? | `shape`, [`AlarmArn`] |
//! | what do `state` and `previousState` mean? | `transition` |
//! | which alarm, and when? | [`AlarmArn`], [`EpochMillis`] |
//! | what is refused, and what should the reader do? | [`Undecodable`] |

mod alarm;
mod approval;
mod arn;
mod direct;
mod eventbridge;
mod happening;
mod instant;
mod job;
mod node;
mod order;
mod parameters;
mod push;
mod sender;
mod shape;
mod sns;
mod start;
mod text;

mod transition;
mod undecodable;

pub use alarm::{AlarmEvent, AlarmState, REASON_CHARS_MAX, Source};
pub use approval::{ApprovalEvent, approvals, is_batch};
pub use arn::{AlarmArn, NotAnAlarmArn};
pub use happening::{
    ActionEvent, ActionState, DeploymentEvent, DeploymentState, Happening, Operation, ParameterEvent, PipelineEvent,
    PipelineState, ServiceEvent, StageEvent, happened,
};
pub use instant::EpochMillis;
pub(crate) use job::bounded_function;
pub use job::{JobEvent, job, job_id};
pub use order::{ID_MAX, OrderEvent, OrderKind, is_id, is_order, order};
pub use parameters::{BadParameters, Parameters, ParametersMistake, parameters};
pub use push::{ImageEvent, image, is_of_a_rule};
pub use sender::EVENT_BYTES_MAX;
pub use start::{Asked, StartEvent, asked_by_machine, is_start, start};
pub use text::bounded;
pub use undecodable::Undecodable;

use serde_json::Value;

/// Every alarm transition the event reports, each decoded or refused on its own.
///
/// # Guarantees
///
/// * Never empty: an event that holds no alarm is one refusal.
/// * The sender is recognised by the fields only it writes; no decoder is tried on another's document.
/// * The account and region claimed outside are those inside the alarm's ARN.
/// * Text in an [`AlarmEvent`] and in an [`Undecodable`] is bounded and free of control characters. The one exception is the
///   ARN, which is an identity and stays as it came (a control character in it is a refusal).
/// * Suppressed and muted transitions are reported, not dropped: whether they count is the policy's business.
///
/// # Errors
///
/// Only an SNS batch can hold both good and bad records. A refusal is final: the same document is refused again, so a
/// caller logs it and answers without an error, or Lambda would retry it twice.
///
/// # Source
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>
pub fn alarms(payload: &Value) -> Vec<Result<AlarmEvent, Undecodable>> {
    match sender::of(payload) {
        Ok(Source::Direct) => vec![direct::decode(payload)],
        Ok(Source::EventBridge) => vec![eventbridge::decode(payload)],
        Ok(Source::Sns) => sns::decode(payload),
        Err(refusal) => vec![Err(refusal)],
    }
}
