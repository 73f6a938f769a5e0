//! What `watch` is told of pipelines, services and policies.
//!
//! | question | answered in |
//! |---|---|
//! | is the envelope in order, and whose is it? | `envelope` |
//! | what happened to a pipeline, a stage, an action? | `pipeline` |
//! | what happened to a service's deployment, or to the service? | `service` |
//! | which policy was written or deleted? | `parameter` |

mod envelope;
mod parameter;
mod pipeline;
mod service;

pub use parameter::{Operation, ParameterEvent};
pub use pipeline::{ActionEvent, ActionState, PipelineEvent, PipelineState, StageEvent};
pub use service::{DeploymentEvent, DeploymentState, ServiceEvent};

use super::{Undecodable, text};
use envelope::{EXPECTED, Envelope};
use serde_json::Value;

/// Something that happened, as an EventBridge rule tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A pipeline's execution changed its state.
    Pipeline(PipelineEvent),
    /// A stage of an execution changed its state.
    Stage(StageEvent),
    /// An action of an execution changed its state.
    Action(ActionEvent),
    /// A deployment of an ECS service changed its state.
    Deployment(DeploymentEvent),
    /// An ECS service did, or could not do, something.
    ServiceAction(ServiceEvent),
    /// A parameter, maybe a policy, was changed.
    Parameter(ParameterEvent),
}

/// Reads what an EventBridge rule tells `watch`.
///
/// # Guarantees
///
/// * Only AWS may put events whose source begins with `aws.`, so nobody else's event is taken for one of these.
///   <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>
/// * Account, region and name are those of the ARN in `resources`, and those claimed elsewhere in the event.
/// * A state, name or operation that is not known here is `Other`, not a refusal. Fields that nothing is decided by are not
///   looked at: AWS writes `version` as 6, 6.0 and "6", and adds fields.
/// * Text is bounded and free of control characters.
///
/// # Errors
///
/// A refusal is final: the same document is refused again, so a caller logs it and answers without an error.
///
/// # Source
///
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html>,
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html>. Events of CodePipeline and
/// Parameter Store are delivered on best effort: losing one must not matter.
pub fn happened(payload: &Value) -> Result<Happening, Undecodable> {
    EXPECTED.require(payload)?;
    decode(payload).map_err(|refusal| EXPECTED.advise(refusal))
}

fn decode(payload: &Value) -> Result<Happening, Undecodable> {
    let (source, detail_type) = envelope::marks(payload)?;
    let open = |service, expected| Envelope::open(payload, service, expected);
    match (source, detail_type) {
        ("aws.codepipeline", "CodePipeline Pipeline Execution State Change") => {
            pipeline::pipeline(&open("codepipeline", pipeline::AN_ARN)?).map(Happening::Pipeline)
        }
        ("aws.codepipeline", "CodePipeline Stage Execution State Change") => {
            pipeline::stage(&open("codepipeline", pipeline::AN_ARN)?).map(Happening::Stage)
        }
        ("aws.codepipeline", "CodePipeline Action Execution State Change") => {
            pipeline::action(&open("codepipeline", pipeline::AN_ARN)?).map(Happening::Action)
        }
        ("aws.ecs", "ECS Deployment State Change") => {
            service::deployment(&open("ecs", service::AN_ARN)?).map(Happening::Deployment)
        }
        ("aws.ecs", "ECS Service Action") => {
            service::action(&open("ecs", service::AN_ARN)?).map(Happening::ServiceAction)
        }
        ("aws.ssm", "Parameter Store Change") => {
            parameter::decode(&open("ssm", parameter::AN_ARN)?).map(Happening::Parameter)
        }
        ("aws.cloudwatch", other) => Err(not_watched(source, other, "alarms belong to the function `rollback`")),
        (source, other) => Err(not_watched(source, other, envelope::TAKEN)),
    }
}

fn not_watched(source: &str, detail_type: &str, next: &'static str) -> Undecodable {
    let (source, detail_type) = (text::quoted(source), text::quoted(detail_type));
    EXPECTED.refuse(
        format!("{detail_type} from {source}, not a shape that `watch` takes"),
        next,
    )
}
