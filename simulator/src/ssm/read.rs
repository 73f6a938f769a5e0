//! What is told: one parameter, or what lies below a path.

use super::{Parameter, Ssm, Version, invalid, text};
use crate::refusal::Refusal;
use crate::world::World;
use aws_smithy_types::base64;
use serde_json::{Value, json};

/// Entries on a page where the request says nothing; there are never more.
const PAGE: usize = 10;
/// The token that leads from a page without entries to the first one.
const FROM_THE_START: &str = "start";

pub(super) fn get(ssm: &Ssm, input: &Value) -> Result<Value, Refusal> {
    let found = ssm.find(text(input, "Name").unwrap_or_default())?;
    let mut json = parameter_json(found.name, found.parameter, found.version, decrypted(input));
    if let Some(selector) = found.selector {
        json["Selector"] = json!(selector);
    }
    Ok(json!({ "Parameter": json }))
}

/// `GetParametersByPath`.
///
/// AWS may answer with a page that is empty and a token that leads on (API reference, `NextToken`). Here the first
/// page is such a one wherever a test made pages small.
pub(super) fn by_path(world: &World, input: &Value) -> Result<Value, Refusal> {
    if input.get("ParameterFilters").is_some() {
        return Err(Refusal::new("InvalidFilterKey", "Filters are not simulated."));
    }
    let below = below(text(input, "Path").unwrap_or_default())?;
    let last = match (text(input, "NextToken"), world.page_size) {
        (None, Some(_)) => return Ok(json!({ "Parameters": [], "NextToken": FROM_THE_START })),
        (None, None) | (Some(FROM_THE_START), Some(_)) => "",
        (Some(token), _) => token
            .strip_prefix("after:")
            .ok_or_else(|| Refusal::new("InvalidNextToken", "The specified token isn't valid."))?,
    };
    let recursive = input["Recursive"].as_bool().unwrap_or(false);
    let asked = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok());
    let asked = asked.unwrap_or(PAGE);
    let size = world.page_size.map_or(asked, |cap| asked.min(cap).max(1));
    let matches = |name: &str| {
        // A name without slashes lies at the root.
        let full = if name.starts_with('/') {
            name.to_owned()
        } else {
            format!("/{name}")
        };
        let rest = full.strip_prefix(&below);
        rest.is_some_and(|rest| recursive || !rest.contains('/'))
    };
    let all = world.ssm.parameters.iter();
    let mut rest = all.filter(|(name, _)| name.as_str() > last && matches(name)).peekable();
    let mut page = Vec::new();
    let mut token = None;
    while let Some((name, parameter)) = rest.next() {
        page.extend(
            parameter
                .versions
                .back()
                .map(|v| parameter_json(name, parameter, v, decrypted(input))),
        );
        if page.len() == size {
            token = rest.peek().map(|_| format!("after:{name}"));
            break;
        }
    }
    let mut reply = json!({ "Parameters": page });
    if let Some(token) = token {
        reply["NextToken"] = json!(token);
    }
    Ok(reply)
}

/// The path with one slash at its end.
fn below(path: &str) -> Result<String, Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    if !path.starts_with('/') || !path.chars().all(plain) {
        return Err(invalid(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward \
             slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, \
             numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not \
             allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: \
             /get/parameters2-/by1./path0_.",
        ));
    }
    Ok(format!("{}/", path.trim_end_matches('/')))
}

fn decrypted(input: &Value) -> bool {
    input["WithDecryption"].as_bool().unwrap_or(false)
}

fn parameter_json(name: &str, parameter: &Parameter, version: &Version, decrypted: bool) -> Value {
    let value = match parameter.kind.as_str() {
        // No key is kept here; what matters is that nobody takes it for the value.
        "SecureString" if !decrypted => base64::encode(format!("encrypted:{}", version.value)),
        _ => version.value.clone(),
    };
    json!({
        "ARN": parameter.arn, "Name": name, "Type": parameter.kind, "Value": value, "Version": version.number,
        "LastModifiedDate": version.written_at.seconds(), "DataType": "text",
    })
}
