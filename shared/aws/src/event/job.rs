//! A pipeline's job for a Lambda action.

use super::node::{Node, kind};
use super::shape::{Expected, JOB, is_account, is_uuid};
use super::{Undecodable, text};
use serde_json::Value;

/// A job that CodePipeline waits for.
///
/// # Guarantees
///
/// The event carries credentials for the pipeline's artifacts (`artifactCredentials`). They are never read: no value of this
/// type holds them, and no refusal quotes a value of the event.
///
/// # Source
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-codepipeline.html>. Neither the pipeline nor the execution stands in
/// the event; the action's `UserParameters` must bring the latter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEvent {
    /// Id of the job, to be answered with `PutJobSuccessResult` or `PutJobFailureResult`: a UUID.
    pub id: String,
    /// The pipeline's account, twelve digits.
    pub account: String,
    /// `UserParameters` of the action as they came; `None` where it has none.
    pub parameters: Option<String>,
    /// `FunctionName` of the action, bounded, for people.
    pub function: Option<String>,
    /// What this function gave back with its last answer; `None` on the first call of the action.
    pub continuation: Option<String>,
}

/// Characters of a continuation token.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html>
const CONTINUATION_CHARS_MAX: usize = 2048;

const FUNCTION_CHARS_MAX: usize = 140;

const EXPECTED: Expected = Expected {
    document: "a CodePipeline job (`CodePipeline.job` at the top)",
    marks: &[JOB],
    complete: "AWS sends it whole: complete the test event (events/codepipeline has one of each shape)",
    compare: "compare the event with the jobs in events/codepipeline",
};

/// Reads a pipeline's job.
///
/// # Errors
///
/// Where this is no job, or a job without what is needed to work on it. One that has an id all the same ([`job_id`]) should
/// be failed, or the pipeline waits until it times out.
pub fn job(payload: &Value) -> Result<JobEvent, Undecodable> {
    EXPECTED.require(payload)?;
    decode(payload).map_err(|refusal| EXPECTED.advise(refusal))
}

/// The id of a pipeline's job, whatever the rest of the event looks like; `None` if CodePipeline would not accept it.
pub fn job_id(payload: &Value) -> Option<String> {
    let id = payload.get(JOB)?.get("id")?.as_str()?;
    is_uuid(id).then(|| id.to_owned())
}

fn decode(payload: &Value) -> Result<JobEvent, Undecodable> {
    let job = Node::document("", payload).field(JOB);
    let id = unquoted(&job.field("id"), "the job's id, a UUID in lower case", is_uuid)?;
    let account = unquoted(
        &job.field("accountId"),
        "the pipeline's account, twelve digits",
        is_account,
    )?;
    let data = job.field("data");
    let configuration = data.field("actionConfiguration").field("configuration");
    require_object(
        &configuration,
        &payload[JOB]["data"]["actionConfiguration"]["configuration"],
    )?;
    let function = configuration.field("FunctionName");
    Ok(JobEvent {
        id: id.to_owned(),
        account: account.to_owned(),
        parameters: configuration
            .field("UserParameters")
            .optional_text("the action's parameters, a text")?
            .map(str::to_owned),
        function: function.text_or_nothing().map(bounded_function),
        continuation: continuation(&data.field("continuationToken"))?,
    })
}

/// A function's name as a job has it.
pub(crate) fn bounded_function(name: &str) -> String {
    text::bounded(name, FUNCTION_CHARS_MAX)
}

/// Refused if it is not there, as half an event must not be taken for an action without parameters.
fn require_object(configuration: &Node<'_>, value: &Value) -> Result<(), Undecodable> {
    const EXPECTED: &str = "the action's configuration";
    match value {
        Value::Object(_) => Ok(()),
        Value::Null => Err(configuration.missing(EXPECTED)),
        other => Err(configuration.malformed(EXPECTED, kind(other))),
    }
}

/// A text that is what `is` says; what it is otherwise is not told, as it may be anything.
fn unquoted<'a>(node: &Node<'a>, expected: &'static str, is: fn(&str) -> bool) -> Result<&'a str, Undecodable> {
    let found = node.text(expected)?;
    if is(found) {
        Ok(found)
    } else {
        Err(node.malformed(
            expected,
            format!("another text, of {} characters", found.chars().count()),
        ))
    }
}

/// Refused if it is none of ours, as the first call must not be taken for a later one, nor a later one for the first.
fn continuation(token: &Node<'_>) -> Result<Option<String>, Undecodable> {
    const EXPECTED: &str = "a continuation token of 1 to 2 048 characters";
    let fits = |token: &str| (1..=CONTINUATION_CHARS_MAX).contains(&token.chars().count());
    if !token.is_present() {
        return Ok(None);
    }
    let text = token.text(EXPECTED)?;
    if fits(text) {
        Ok(Some(text.to_owned()))
    } else {
        Err(token.malformed(EXPECTED, format!("one of {}", text.chars().count())))
    }
}
