//! What a pipeline declaration says, and which declarations AWS takes.

use super::aftermath::OnFailure;
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How executions of one pipeline treat each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A waiting execution gives way to a newer one.
    Superseded,
    /// First come, first served.
    Queued,
    /// Executions know nothing of each other, stages belong to nobody.
    Parallel,
}

impl Mode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Mode::Superseded => "SUPERSEDED",
            Mode::Queued => "QUEUED",
            Mode::Parallel => "PARALLEL",
        }
    }
}

/// Who does an action's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any source provider: yields a revision.
    Source,
    /// Build, test and compute providers: take their time.
    Work,
    /// `Deploy/AWS/ECS/1`.
    EcsDeploy,
    /// `Approval/AWS/Manual/1`.
    Approval,
    /// `Invoke/AWS/Lambda/1`.
    Lambda,
    /// `Invoke/AWS/StepFunctions/1`.
    Machine,
}

/// One action as declared.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) type_id: Value,
    pub(crate) run_order: u64,
    pub(crate) configuration: BTreeMap<String, String>,
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    pub(crate) role: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) timeout_minutes: Option<i64>,
}

/// One stage as declared.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    pub(crate) on_failure: OnFailure,
    pub(crate) actions: Vec<Action>,
}

/// A whole declaration, as the engine needs it.
#[derive(Clone, Debug)]
pub(crate) struct Structure {
    pub(crate) mode: Mode,
    pub(crate) stages: Vec<Stage>,
    /// Declared variables and their defaults.
    pub(crate) variables: Vec<(String, Option<String>)>,
    pub(crate) bucket: String,
    pub(crate) encryption_key: Option<Value>,
}

impl Structure {
    pub(crate) fn stage_index(&self, name: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage.name == name)
    }
}

/// The declaration with AWS's defaults filled in, and the same as the engine reads it.
///
/// # Errors
/// What CreatePipeline and UpdatePipeline refuse, and what this simulator has no behaviour for; the text says which.
pub(crate) fn parse(declaration: &Value, version: usize) -> Result<(Value, Structure), Refusal> {
    let mut whole = declaration.clone();
    fill_defaults(&mut whole, version);
    let stages = stages_of(&whole)?;
    check_order(&stages)?;
    check_artifacts(&stages)?;
    let mode = mode_of(&whole)?;
    let store = match &whole["artifactStore"] {
        Value::Null => whole["artifactStores"]
            .as_object()
            .and_then(|stores| stores.values().next())
            .cloned()
            .ok_or_else(|| structure("Pipeline should have either an artifactStore or artifactStores"))?,
        store => store.clone(),
    };
    let structure = Structure {
        mode,
        stages,
        variables: list(&whole["variables"])
            .iter()
            .map(|v| (text(&v["name"]), v["defaultValue"].as_str().map(str::to_owned)))
            .collect(),
        bucket: text(&store["location"]),
        encryption_key: store.get("encryptionKey").cloned(),
    };
    Ok((whole, structure))
}

fn fill_defaults(whole: &mut Value, version: usize) {
    whole["version"] = json!(version);
    for (member, default) in [("executionMode", "SUPERSEDED"), ("pipelineType", "V1")] {
        if whole[member].is_null() {
            whole[member] = json!(default);
        }
    }
    let stages = whole["stages"].as_array_mut().into_iter().flatten();
    for action in stages.flat_map(|s| s["actions"].as_array_mut().into_iter().flatten()) {
        for (member, default) in [
            ("runOrder", json!(1)),
            ("configuration", json!({})),
            ("inputArtifacts", json!([])),
            ("outputArtifacts", json!([])),
        ] {
            if action[member].is_null() {
                action[member] = default;
            }
        }
    }
}

fn mode_of(whole: &Value) -> Result<Mode, Refusal> {
    let mode = match whole["executionMode"].as_str() {
        Some("QUEUED") => Mode::Queued,
        Some("PARALLEL") => Mode::Parallel,
        _ => return Ok(Mode::Superseded),
    };
    match whole["pipelineType"].as_str() {
        Some("V2") => Ok(mode),
        _ => Err(structure(format!(
            "Execution mode {} needs a pipeline of type V2",
            mode.name()
        ))),
    }
}

fn stages_of(whole: &Value) -> Result<Vec<Stage>, Refusal> {
    let declared = list(&whole["stages"]);
    if declared.len() < 2 {
        let text = format!(
            "Pipeline has only {} stage(s). There should be a minimum of 2 stages in a pipeline",
            declared.len()
        );
        return Err(structure(text));
    }
    let mut names = BTreeSet::new();
    let mut stages = Vec::new();
    for stage in declared {
        let name = text(&stage["name"]);
        if !names.insert(name.clone()) {
            return Err(stage_declaration(format!("Stage name {name} is used more than once")));
        }
        for member in ["beforeEntry", "onSuccess"] {
            if !stage[member].is_null() {
                return Err(stage_declaration(format!(
                    "Stage {name}: {member} conditions are not simulated"
                )));
            }
        }
        let actions = actions_of(&name, stage)?;
        let on_failure =
            OnFailure::declared(stage, whole).map_err(|why| stage_declaration(format!("Stage {name}: {why}")))?;
        stages.push(Stage {
            name,
            on_failure,
            actions,
        });
    }
    Ok(stages)
}

fn actions_of(stage_name: &str, stage: &Value) -> Result<Vec<Action>, Refusal> {
    let mut names = BTreeSet::new();
    let mut actions = Vec::new();
    for declared in list(&stage["actions"]) {
        let action = action_of(declared)?;
        if !names.insert(action.name.clone()) {
            let text = format!(
                "Action name {} is used more than once in stage {stage_name}",
                action.name
            );
            return Err(action_declaration(text));
        }
        actions.push(action);
    }
    if actions.is_empty() {
        return Err(stage_declaration(format!("Stage {stage_name} has no actions")));
    }
    Ok(actions)
}

fn action_of(declared: &Value) -> Result<Action, Refusal> {
    let name = text(&declared["name"]);
    let configuration: BTreeMap<String, String> = declared["configuration"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), text(value)))
        .collect();
    let artifacts = |member: &str| list(&declared[member]).iter().map(|a| text(&a["name"])).collect();
    let action = Action {
        kind: kind_of(&name, &declared["actionTypeId"])?,
        type_id: declared["actionTypeId"].clone(),
        run_order: declared["runOrder"].as_u64().unwrap_or(1),
        configuration,
        inputs: artifacts("inputArtifacts"),
        outputs: artifacts("outputArtifacts"),
        role: declared["roleArn"].as_str().map(str::to_owned),
        region: declared["region"].as_str().map(str::to_owned),
        namespace: declared["namespace"].as_str().map(str::to_owned),
        timeout_minutes: declared["timeoutInMinutes"].as_i64(),
        name,
    };
    check_action(&action)?;
    Ok(action)
}

fn kind_of(name: &str, type_id: &Value) -> Result<Kind, Refusal> {
    let provider = type_id["provider"].as_str().unwrap_or_default();
    match (type_id["category"].as_str().unwrap_or_default(), provider) {
        ("Source", _) => Ok(Kind::Source),
        ("Build" | "Test" | "Compute", _) => Ok(Kind::Work),
        ("Deploy", "ECS") => Ok(Kind::EcsDeploy),
        ("Approval", "Manual") => Ok(Kind::Approval),
        ("Invoke", "Lambda") => Ok(Kind::Lambda),
        ("Invoke", "StepFunctions") => Ok(Kind::Machine),
        (category, _) => Err(action_declaration(format!(
            "Action {name}: {category} provider {provider} is not simulated"
        ))),
    }
}

fn check_action(action: &Action) -> Result<(), Refusal> {
    let required: &[&str] = match action.kind {
        Kind::EcsDeploy => &["ClusterName", "ServiceName"],
        Kind::Lambda => &["FunctionName"],
        Kind::Machine => &["StateMachineArn"],
        Kind::Source | Kind::Work | Kind::Approval => &[],
    };
    for key in required {
        if !action.configuration.contains_key(*key) {
            let text = format!(
                "Action configuration for action '{}' is missing required configuration '{key}'",
                action.name
            );
            return Err(action_declaration(text));
        }
    }
    if action.timeout_minutes.is_some() && action.kind != Kind::Approval {
        let text = format!(
            "Action {}: timeoutInMinutes is only allowed for manual approval actions",
            action.name
        );
        return Err(action_declaration(text));
    }
    if action.kind == Kind::EcsDeploy && (action.inputs.len() != 1 || !action.outputs.is_empty()) {
        let text = format!(
            "Action {} must have 1 input artifact and 0 output artifacts",
            action.name
        );
        return Err(action_declaration(text));
    }
    // A value with a variable in it is only known when the action runs.
    match action
        .configuration
        .get("DeploymentTimeout")
        .filter(|t| !t.contains("#{"))
    {
        Some(minutes) if action.kind == Kind::EcsDeploy && deployment_timeout(minutes).is_none() => {
            let text = format!(
                "Action {}: DeploymentTimeout must be 1 to 60 minutes, got '{minutes}'",
                action.name
            );
            Err(action_declaration(text))
        }
        _ => Ok(()),
    }
}

/// Minutes of a `DeploymentTimeout`, where it is one.
pub(crate) fn deployment_timeout(minutes: &str) -> Option<i64> {
    minutes.parse().ok().filter(|minutes| (1..=60).contains(minutes))
}

fn check_order(stages: &[Stage]) -> Result<(), Refusal> {
    let is_source = |action: &Action| action.kind == Kind::Source;
    let starts_well = stages.first().is_some_and(|first| first.actions.iter().all(is_source));
    if !starts_well {
        return Err(structure(
            "Pipeline should start with a stage that only contains source actions",
        ));
    }
    match stages.iter().skip(1).find(|stage| stage.actions.iter().any(is_source)) {
        Some(stage) => Err(structure(format!(
            "Source actions are only allowed in the first stage, not in {}",
            stage.name
        ))),
        None => Ok(()),
    }
}

fn check_artifacts(stages: &[Stage]) -> Result<(), Refusal> {
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for stage in stages {
        let mut actions: Vec<&Action> = stage.actions.iter().collect();
        actions.sort_by_key(|action| action.run_order);
        for group in actions.chunk_by(|a, b| a.run_order == b.run_order) {
            for action in group {
                if let Some(missing) = action.inputs.iter().find(|name| !made.contains(name.as_str())) {
                    let text = format!(
                        "Input Artifact Bundle {missing} in action {} is not declared as Output Artifact Bundle in any of the preceding actions",
                        action.name
                    );
                    return Err(structure(text));
                }
            }
            for output in group.iter().flat_map(|action| &action.outputs) {
                if !made.insert(output) {
                    return Err(structure(format!(
                        "Output Artifact Bundle name must be unique within the pipeline: {output}"
                    )));
                }
            }
        }
    }
    Ok(())
}

fn structure(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidStructureException", text)
}

fn stage_declaration(text: String) -> Refusal {
    Refusal::new("InvalidStageDeclarationException", text)
}

fn action_declaration(text: String) -> Refusal {
    Refusal::new("InvalidActionDeclarationException", text)
}

/// A member that is a list; empty where it is absent.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A member that is text; empty where it is absent.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An object without its absent members, as AWS sends it.
pub(crate) fn present(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        let kept = std::mem::take(object)
            .into_iter()
            .filter(|(_, member)| !member.is_null());
        *object = kept.collect::<Map<String, Value>>();
    }
    value
}
