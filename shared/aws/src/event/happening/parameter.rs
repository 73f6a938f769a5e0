//! Changes of parameters in Parameter Store.

use super::envelope::Envelope;
use crate::event::Undecodable;
use crate::event::shape::{checked, is_parameter_name};
use crate::event::text::{self, QUOTE_CHARS_MAX, bounded};

/// What `resources[0]` holds.
pub(super) const AN_ARN: &str = "a parameter's ARN (arn:aws:ssm:<region>:<account>:parameter/<name>)";

/// A parameter was changed. The event tells neither its value nor its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterEvent {
    /// Account of the parameter.
    pub account: String,
    /// Region of the parameter.
    pub region: String,
    /// Name of the parameter, with its path (`/serin/policies/orders`).
    pub name: String,
    /// What was done.
    pub operation: Operation,
}

/// What was done to a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `Create`
    Create,
    /// `Update`
    Update,
    /// `Delete`
    Delete,
    /// Another one, as it came (bounded): `LabelParameterVersion`, which changes no value.
    Other(String),
}

pub(super) fn decode(event: &Envelope<'_>) -> Result<ParameterEvent, Undecodable> {
    let claimed = event.detail.field("name");
    let name = checked(&claimed, "the parameter's name", is_parameter_name)?;
    let Some(known) = event.resource.strip_prefix("parameter/") else {
        return Err(event.arn.malformed(AN_ARN, text::quoted(event.arn.text(AN_ARN)?)));
    };
    // A name that begins with a slash shares it with `parameter/`.
    event.agree("name", (&claimed, name.strip_prefix('/').unwrap_or(name)), known)?;
    Ok(ParameterEvent {
        account: event.account.to_owned(),
        region: event.region.to_owned(),
        name: name.to_owned(),
        operation: operation(event.detail.field("operation").text("what was done to the parameter")?),
    })
}

fn operation(operation: &str) -> Operation {
    match operation {
        "Create" => Operation::Create,
        "Update" => Operation::Update,
        "Delete" => Operation::Delete,
        other => Operation::Other(bounded(other, QUOTE_CHARS_MAX)),
    }
}
