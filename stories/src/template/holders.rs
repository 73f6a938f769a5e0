//! Who acts in which role, by the template. Whatever would be granted beside these roles is refused: it would stand in
//! an account and in no page.

use super::Template;
use serde_json::Value;

/// Members of a function or state machine with which SAM makes a role, or adds to one.
const GRANTS: [&str; 3] = ["Policies", "PermissionsBoundary", "Connectors"];
/// What a role may be made of here: managed policies would be somebody else's text.
const OF_A_ROLE: [&str; 3] = ["AssumeRolePolicyDocument", "Description", "Policies"];

/// Whoever acts in a role of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Logical name of the function, state machine or rule, or name of the schedule.
    pub name: String,
    /// Logical name of the role.
    pub role: String,
    /// The service that assumes it.
    pub service: &'static str,
}

/// All of them, functions first.
///
/// # Errors
/// Who has no role of the template, shares one, or is granted something beside it.
pub fn all(template: &Template) -> Result<Vec<Holder>, String> {
    nothing_beside(template)?;
    let mut holders = Vec::new();
    for (name, function) in template.resources("AWS::Serverless::Function") {
        holders.push(holder(name, function, "Role", "lambda.amazonaws.com")?);
    }
    for (name, machine) in template.resources("AWS::Serverless::StateMachine") {
        holders.push(holder(name, machine, "Role", "states.amazonaws.com")?);
    }
    for (name, rule) in template.resources("AWS::Events::Rule") {
        let targets = rule["Properties"]["Targets"].as_array().map(Vec::as_slice);
        let [target] = targets.unwrap_or_default() else {
            return Err(format!("{name} must have one target"));
        };
        let target = serde_json::json!({ "Properties": target });
        holders.push(holder(name, &target, "RoleArn", "events.amazonaws.com")?);
    }
    for (name, event) in super::deploy::events(template)? {
        match event["Type"].as_str() {
            Some("ScheduleV2") => holders.push(holder(&name, event, "RoleArn", "scheduler.amazonaws.com")?),
            // SAM lets the rule, or the topic, invoke the function, by the function's own policy.
            Some("EventBridgeRule" | "SNS") => {}
            other => return Err(format!("{name}: an event of type {other:?} is not understood")),
        }
    }
    for (role, declared) in template.resources("AWS::IAM::Role") {
        let held = holders.iter().filter(|holder| holder.role == role).collect::<Vec<_>>();
        let [holder] = held[..] else {
            return Err(format!("{role} has {} holders, and must have one", held.len()));
        };
        is_a_role(declared, holder.service).map_err(|wrong| format!("{role}: {wrong}"))?;
    }
    Ok(holders)
}

fn nothing_beside(template: &Template) -> Result<(), String> {
    for (name, resource) in template.document["Resources"].as_object().into_iter().flatten() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        if kind.starts_with("AWS::IAM::") && kind != "AWS::IAM::Role" || kind == "AWS::Serverless::Connector" {
            return Err(format!("{name}: {kind} grants beside the roles"));
        }
        let beside = |member: &&&str| !resource[**member].is_null() || !resource["Properties"][**member].is_null();
        if kind.starts_with("AWS::Serverless::")
            && let Some(member) = GRANTS.iter().find(beside)
        {
            return Err(format!("{name}: {member} grants beside its role"));
        }
    }
    let globals = &template.document["Globals"]["Function"];
    match GRANTS
        .iter()
        .chain(&["Role"])
        .find(|member| !globals[**member].is_null())
    {
        Some(member) => Err(format!("Globals: {member} is each function's own")),
        None => Ok(()),
    }
}

fn holder(name: &str, resource: &Value, member: &str, service: &'static str) -> Result<Holder, String> {
    let role = &resource["Properties"][member];
    let named = role["Fn::GetAtt"].as_array().map(Vec::as_slice).unwrap_or_default();
    match named {
        [role, attribute] if attribute == "Arn" => Ok(Holder {
            name: name.to_owned(),
            role: role.as_str().unwrap_or_default().to_owned(),
            service,
        }),
        _ => Err(format!(
            "{name}: {member} must be !GetAtt of a role of this template, it is {role}"
        )),
    }
}

/// Nothing but its own policy, for nobody but its own service.
fn is_a_role(declared: &Value, service: &str) -> Result<(), String> {
    let properties = declared["Properties"].as_object().ok_or("has no properties")?;
    if let Some(other) = properties.keys().find(|key| !OF_A_ROLE.contains(&key.as_str())) {
        return Err(format!("{other} is not understood"));
    }
    let trust = properties["AssumeRolePolicyDocument"]["Statement"].as_array();
    let [trust] = trust.map(Vec::as_slice).unwrap_or_default() else {
        return Err("must be trusted to one".to_owned());
    };
    let principal = serde_json::json!({ "Service": service });
    match trust["Principal"] == principal && trust["Action"] == "sts:AssumeRole" && trust["Effect"] == "Allow" {
        true => Ok(()),
        false => Err(format!("must be for {service} to assume and nobody else")),
    }
}
