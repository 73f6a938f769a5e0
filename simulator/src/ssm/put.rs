//! What may be written, and what becomes of earlier versions.

use super::{Parameter, Version, invalid, name, tell, text};
use crate::refusal::Refusal;
use crate::world::World;
use regex::Regex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// How large a value of a standard parameter may be.
const STANDARD_BYTES_MAX: usize = 4096;
/// How large a value of an advanced parameter may be.
const ADVANCED_BYTES_MAX: usize = 8192;
/// How many versions are kept. More is never an error here: only a label on the oldest would be.
const VERSIONS_MAX: usize = 100;

pub(super) fn put(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    // "The service removes any spaces specified for the beginning or end of a parameter name."
    let name = text(input, "Name").unwrap_or_default().trim().to_owned();
    let value = text(input, "Value").unwrap_or_default();
    name::check(&name)?;
    refuse_what_is_not_here(input)?;
    check_value(value, text(input, "AllowedPattern"))?;
    let overwrite = input["Overwrite"].as_bool().unwrap_or(false);
    let tags = tags(input);
    if overwrite && !tags.is_empty() {
        return Err(invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
             remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource.",
        ));
    }
    let known = world.ssm.parameters.get(&name);
    if known.is_some() && !overwrite {
        return Err(Refusal::new(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let kind = kind(known, text(input, "Type"))?;
    let tier = tier(known, text(input, "Tier"), value)?;
    let operation = if known.is_some() { "Update" } else { "Create" };
    let arn = world.arn("ssm", &format!("parameter/{}", name.strip_prefix('/').unwrap_or(&name)));
    let parameter = world.ssm.parameters.entry(name.clone()).or_insert_with(|| Parameter {
        arn,
        kind,
        tier: String::new(),
        description: None,
        tags,
        versions: VecDeque::new(),
    });
    tier.clone_into(&mut parameter.tier);
    if let Some(description) = text(input, "Description") {
        parameter.description = Some(description.to_owned());
    }
    let number = parameter.versions.back().map_or(1, |newest| newest.number + 1);
    parameter.versions.push_back(Version {
        number,
        value: value.to_owned(),
        written_at: world.now,
    });
    if parameter.versions.len() > VERSIONS_MAX {
        parameter.versions.pop_front();
    }
    let told = parameter.clone();
    tell(world, operation, &name, &told);
    Ok(json!({ "Version": number, "Tier": tier }))
}

fn refuse_what_is_not_here(input: &Value) -> Result<(), Refusal> {
    if text(input, "Policies").is_some() {
        return Err(invalid("Parameter policies are not simulated."));
    }
    match text(input, "DataType") {
        None | Some("text") => Ok(()),
        Some(other) => Err(invalid(format!(
            "The following data type is not supported: {other} (Data type names are all lowercase.)"
        ))),
    }
}

fn check_value(value: &str, allowed: Option<&str>) -> Result<(), Refusal> {
    if value.is_empty() {
        return Err(invalid(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length \
             greater than or equal to 1.",
        ));
    }
    if value.find("{{").is_some_and(|open| value[open..].contains("}}")) {
        return Err(invalid(
            r#"Parameter value can't nest another parameter. Do not use "{{}}" in the value."#,
        ));
    }
    let Some(pattern) = allowed.filter(|pattern| !pattern.is_empty()) else {
        return Ok(());
    };
    let regex = Regex::new(pattern).map_err(|_| {
        let message = format!("The allowed pattern {pattern} is not a regular expression.");
        Refusal::new("InvalidAllowedPatternException", message)
    })?;
    match regex.is_match(value) {
        true => Ok(()),
        false => Err(Refusal::new(
            "ParameterPatternMismatchException",
            format!("Parameter value, cannot be validated against allowedPattern: {pattern}"),
        )),
    }
}

/// The type it has, or is given when it is created.
fn kind(known: Option<&Parameter>, asked: Option<&str>) -> Result<String, Refusal> {
    match (known, asked) {
        (None, None) => Err(invalid("A parameter type is required when you create a parameter.")),
        (None, Some(asked)) => Ok(asked.to_owned()),
        (Some(known), Some(asked)) if asked != known.kind => Err(Refusal::new(
            "HierarchyTypeMismatchException",
            "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a \
             parameter from a String type to a SecureString type. You must create a new, unique parameter.",
        )),
        (Some(known), _) => Ok(known.kind.clone()),
    }
}

/// The tier this value is kept in. Where none is asked for, it is the account's default: standard.
fn tier(known: Option<&Parameter>, asked: Option<&str>, value: &str) -> Result<&'static str, Refusal> {
    const SEE: &str =
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html";
    let advanced_already = known.is_some_and(|known| known.tier == "Advanced");
    let advanced = match asked {
        Some("Advanced") => true,
        Some("Intelligent-Tiering") => advanced_already || value.len() > STANDARD_BYTES_MAX,
        _ => false,
    };
    if advanced && value.len() > ADVANCED_BYTES_MAX {
        return Err(invalid(format!(
            "Advanced tier parameters support a maximum parameter value of {ADVANCED_BYTES_MAX} characters."
        )));
    }
    if !advanced && value.len() > STANDARD_BYTES_MAX {
        return Err(invalid(format!(
            "Standard tier parameters support a maximum parameter value of {STANDARD_BYTES_MAX} characters. To create a \
             larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, \
             see {SEE}"
        )));
    }
    if advanced_already && !advanced {
        return Err(invalid(format!(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
             advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced \
             parameter and recreate it as a standard parameter. For more information, see {SEE}"
        )));
    }
    Ok(if advanced { "Advanced" } else { "Standard" })
}

fn tags(input: &Value) -> BTreeMap<String, String> {
    let list = input["Tags"].as_array().into_iter().flatten();
    list.filter_map(|tag| Some((text(tag, "Key")?.to_owned(), text(tag, "Value")?.to_owned())))
        .collect()
}
