//! What the team wrote into the pipeline's Lambda action: which policy, and which execution this is.

use super::JobEvent;
use super::node::kind;
use super::shape::is_uuid;
use super::text::{self, REMARK_CHARS_MAX};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// `UserParameters` of a Lambda action, in order.
///
/// # Shape
///
/// `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}`; CodePipeline puts the execution's id in before it
/// calls the function, which is not told of it otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Name of the policy.
    pub policy: String,
    /// Id of the pipeline's execution: a UUID.
    pub execution: String,
}

/// What is wrong with `UserParameters`, and what to write there: one sentence, fit for `PutJobFailureResult`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`UserParameters` of the Lambda action{} {mistake}: write {} there", whose(.function), written(.policy))]
pub struct BadParameters {
    /// What is wrong.
    pub mistake: ParametersMistake,
    /// The function the action calls, if the job says so.
    pub function: Option<String>,
    /// The policy's name, if that much is in order.
    pub policy: Option<String>,
}

/// One thing wrong with `UserParameters`; what is quoted is bounded and harmless.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParametersMistake {
    /// The action has none, or an empty text.
    #[error("is missing")]
    Missing,
    /// It is no JSON document.
    #[error("is not JSON ({because})")]
    NotJson {
        /// What the parser says.
        because: String,
    },
    /// It is another kind of JSON document.
    #[error("is {found} instead of an object")]
    NotAnObject {
        /// What it is.
        found: String,
    },
    /// It has a field that means nothing here.
    #[error("has the unknown field {field}")]
    UnknownField {
        /// The field, quoted.
        field: String,
    },
    /// It has a field twice, and nobody can tell which of them counts.
    #[error("has a field twice")]
    Twice,
    /// It lacks a field.
    #[error("has no `{field}`")]
    MissingField {
        /// The field.
        field: &'static str,
    },
    /// A field is not text.
    #[error("has {found} in `{field}` instead of a text")]
    NotText {
        /// The field.
        field: &'static str,
        /// What it holds.
        found: String,
    },
    /// A field is empty.
    #[error("has an empty `{field}`")]
    Empty {
        /// The field.
        field: &'static str,
    },
    /// A variable came through as it was written.
    #[error("has {found} in `{field}`, which CodePipeline has not replaced by a value")]
    Unresolved {
        /// The field.
        field: &'static str,
        /// What it holds, quoted.
        found: String,
    },
    /// `policy` can be no policy's name.
    #[error("has {found} in `policy`, which is not 1 to 32 of a-z 0-9 - beginning with a letter")]
    NotAPolicy {
        /// What it holds, quoted.
        found: String,
    },
    /// `execution` can be no execution's id.
    #[error("has {found} in `execution`, which is not the id of a pipeline's execution")]
    NotAnExecution {
        /// What it holds, quoted.
        found: String,
    },
}

/// As written, for the parser to find a field that is there twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    policy: String,
    execution: String,
}

const POLICY: &str = "policy";
const EXECUTION: &str = "execution";

/// Reads the parameters of a job's action.
///
/// # Errors
///
/// The first thing that is wrong with them. A refusal is final: the team has to change the pipeline.
pub fn parameters(job: &JobEvent) -> Result<Parameters, BadParameters> {
    let written = job.parameters.as_deref().unwrap_or_default().trim();
    read(written).map_err(|mistake| BadParameters {
        policy: named(written).filter(|_| mistake != ParametersMistake::Twice),
        function: job.function.clone(),
        mistake,
    })
}

/// The policy, whatever is wrong with the rest.
fn named(written: &str) -> Option<String> {
    let fields = object(written).ok()?;
    field(&fields, POLICY).and_then(policy).ok().map(str::to_owned)
}

fn read(written: &str) -> Result<Parameters, ParametersMistake> {
    if written.is_empty() {
        return Err(ParametersMistake::Missing);
    }
    let fields = object(written)?;
    let known = |field: &str| field == POLICY || field == EXECUTION;
    if let Some(field) = fields.keys().find(|field| !known(field)) {
        let field = text::quoted(field);
        return Err(ParametersMistake::UnknownField { field });
    }
    policy(field(&fields, POLICY)?)?;
    execution(field(&fields, EXECUTION)?)?;
    // All else was looked at; what the parser still refuses is a field that is there twice.
    let Written { policy, execution } = serde_json::from_str(written).map_err(|_| ParametersMistake::Twice)?;
    Ok(Parameters { policy, execution })
}

fn object(written: &str) -> Result<Map<String, Value>, ParametersMistake> {
    match serde_json::from_str(written) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(ParametersMistake::NotAnObject { found: kind(&other) }),
        Err(error) => Err(ParametersMistake::NotJson {
            because: text::bounded(&error.to_string(), REMARK_CHARS_MAX),
        }),
    }
}

/// The text of a field, with a value in it.
fn field<'a>(fields: &'a Map<String, Value>, field: &'static str) -> Result<&'a str, ParametersMistake> {
    let found = match fields.get(field) {
        None | Some(Value::Null) => return Err(ParametersMistake::MissingField { field }),
        Some(Value::String(found)) => found.as_str(),
        Some(other) => {
            return Err(ParametersMistake::NotText {
                field,
                found: kind(other),
            });
        }
    };
    if found.trim().is_empty() {
        Err(ParametersMistake::Empty { field })
    } else if found.contains("#{") {
        let found = text::quoted(found);
        Err(ParametersMistake::Unresolved { field, found })
    } else {
        Ok(found)
    }
}

/// The same names as `Policy::read` takes.
fn policy(found: &str) -> Result<&str, ParametersMistake> {
    let fits = found.len() <= 32
        && found.starts_with(|c: char| c.is_ascii_lowercase())
        && found.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let quoted = || text::quoted(found);
    fits.then_some(found)
        .ok_or_else(|| ParametersMistake::NotAPolicy { found: quoted() })
}

fn execution(found: &str) -> Result<&str, ParametersMistake> {
    let quoted = || text::quoted(found);
    is_uuid(found)
        .then_some(found)
        .ok_or_else(|| ParametersMistake::NotAnExecution { found: quoted() })
}

fn whose(function: &Option<String>) -> String {
    function.as_ref().map_or_else(String::new, |function| {
        format!(" that calls {}", text::quoted(function))
    })
}

/// What should stand there.
fn written(policy: &Option<String>) -> String {
    let policy = policy.as_deref().unwrap_or("<name of the policy>");
    format!(r##"`{{"policy":"{policy}","execution":"#{{codepipeline.PipelineExecutionId}}"}}`"##)
}
