//! `Deploy/AWS/ECS/1`, the standard ECS deploy action.
//!
//! It takes the definition the service uses *now*, puts the images in, registers that as a new revision on every run,
//! updates the service and looks until the deployment is complete or `DeploymentTimeout` is over. It never stops or
//! rolls back ECS. Source: "Amazon ECS deploy action reference" in the CodePipeline user guide; what it does not say
//! (poll period, verdict on a deployment that ECS or somebody else replaced) is a setting in [`EcsRules`].

use super::stage::{EcsRules, Verdict};
use super::state::{Artifact, Failure};
use super::structure::{deployment_timeout, list, text};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Between two looks at the service. Not documented.
const POLL_SECONDS: i64 = 15;
/// Default and greatest `DeploymentTimeout`.
const TIMEOUT_MINUTES: i64 = 60;
/// Greatest size of an image definition file, in bytes.
const FILE_BYTES_MAX: usize = 100 * 1024;

/// The way to ECS: operation and input.
pub(crate) type Ecs<'a> = dyn FnMut(&str, Value) -> Result<Value, Refusal> + 'a;

/// What a turn takes place in.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) now: At,
    pub(crate) rules: &'a EcsRules,
    pub(crate) source: Option<Source<'a>>,
}

/// The input artifact and the text of its image definition file, if it has one.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) artifact: &'a Artifact,
    pub(crate) text: Option<&'a str>,
}

/// What a deployment waits for next.
#[derive(Debug, PartialEq)]
pub(crate) enum Turn {
    Again(At),
    Ended(Result<(), Failure>),
}

/// What it watches once it has written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Watched {
    /// The definition it registered.
    pub(crate) definition: String,
    /// The deployment ECS made of it.
    pub(crate) deployment: Option<String>,
    /// ECS gave it up.
    pub(crate) failed: bool,
}

/// What a look at the service leads to.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    Wait,
    Succeed,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Reading,
    Writing { definition: String },
    Watching(Watched),
}

/// One run of the action.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    cluster: String,
    service: String,
    file: String,
    reads: At,
    writes: At,
    gives_up: At,
    minutes: i64,
    phase: Phase,
}

impl Deployment {
    /// A deployment as configured, starting now.
    pub(crate) fn new(world: &mut World, configuration: &BTreeMap<String, String>) -> Deployment {
        let value = |key: &str| configuration.get(key).cloned();
        let minutes = value("DeploymentTimeout")
            .and_then(|m| deployment_timeout(&m))
            .unwrap_or(TIMEOUT_MINUTES);
        Deployment {
            cluster: value("ClusterName").unwrap_or_default(),
            service: value("ServiceName").unwrap_or_default(),
            file: value("FileName").unwrap_or_else(|| "imagedefinitions.json".to_owned()),
            reads: world.now.plus_seconds(1),
            writes: At(world.now.0 + world.rng.i64(2000..=world.codepipeline.ecs.writes_within_millis)),
            gives_up: world.now.plus_seconds(minutes * 60),
            minutes,
            phase: Phase::Reading,
        }
    }

    /// When it first does something.
    pub(crate) fn first_look(&self) -> At {
        self.reads
    }

    /// Whether it has called UpdateService.
    pub(crate) fn has_written(&self) -> bool {
        matches!(self.phase, Phase::Watching(_))
    }

    /// External execution id and URL, once there are any.
    pub(crate) fn external(&self, world: &World) -> Option<(String, String)> {
        let Phase::Watching(Watched {
            deployment: Some(id), ..
        }) = &self.phase
        else {
            return None;
        };
        let region = &world.home.region;
        let url = format!(
            "https://{region}.console.aws.amazon.com/ecs/v2/clusters/{}/services/{}/deployments?region={region}",
            self.cluster, self.service
        );
        Some((id.clone(), url))
    }

    /// Does what is due.
    pub(crate) fn turn(&mut self, scene: &Scene, ecs: &mut Ecs) -> Turn {
        let done = match self.phase.clone() {
            Phase::Reading => self.read(scene, ecs).map(|()| Step::Wait),
            Phase::Writing { definition } => self.write(ecs, definition).map(|()| Step::Wait),
            Phase::Watching(watched) => self.watch(scene, ecs, watched),
        };
        match done {
            Ok(Step::Succeed) => Turn::Ended(Ok(())),
            Err(Trouble::Final(failure)) => Turn::Ended(Err(failure)),
            Ok(Step::Wait) | Err(Trouble::Passing) if scene.now >= self.gives_up => {
                let text = format!(
                    "The deployment to service {} did not complete within {} minute(s)",
                    self.service, self.minutes
                );
                Turn::Ended(Err(Failure::new("JobFailed", text)))
            }
            Ok(Step::Wait) if matches!(self.phase, Phase::Writing { .. }) => Turn::Again(self.writes),
            Ok(Step::Wait) | Err(Trouble::Passing) => {
                Turn::Again(scene.now.plus_seconds(POLL_SECONDS).min(self.gives_up))
            }
        }
    }

    /// What is left of an abandoned deployment: reads if it has not, writes, looks no more.
    pub(crate) fn write_late(&mut self, scene: &Scene, ecs: &mut Ecs) -> Turn {
        let read = match self.phase {
            Phase::Reading => self.read(scene, ecs),
            _ => Ok(()),
        };
        let done = read.and_then(|()| match self.phase.clone() {
            Phase::Writing { definition } => self.write(ecs, definition),
            _ => Ok(()),
        });
        Turn::Ended(done.map_err(|trouble| match trouble {
            Trouble::Final(failure) => failure,
            Trouble::Passing => Failure::new("SystemUnavailable", "Amazon ECS did not answer"),
        }))
    }

    fn describe(&self, ecs: &mut Ecs) -> Result<Value, Trouble> {
        let asked = json!({ "cluster": self.cluster, "services": [self.service] });
        let reply = ecs("DescribeServices", asked)?;
        let service = list(&reply["services"])
            .first()
            .filter(|service| service["status"] != "INACTIVE")
            .cloned();
        service.ok_or_else(|| {
            let text = format!(
                "The Amazon ECS service {} does not exist in cluster {}",
                self.service, self.cluster
            );
            Trouble::Final(Failure::new("ConfigurationError", text))
        })
    }

    fn read(&mut self, scene: &Scene, ecs: &mut Ecs) -> Result<(), Trouble> {
        let images = images(&self.file, scene.source.as_ref()).map_err(Trouble::Final)?;
        let service = self.describe(ecs)?;
        let asked = json!({ "taskDefinition": service["taskDefinition"], "include": ["TAGS"] });
        let described = ecs("DescribeTaskDefinition", asked)?;
        let registration = registration(&described, &images).map_err(Trouble::Final)?;
        let registered = ecs("RegisterTaskDefinition", registration)?;
        let definition = text(&registered["taskDefinition"]["taskDefinitionArn"]);
        self.phase = Phase::Writing { definition };
        Ok(())
    }

    fn write(&mut self, ecs: &mut Ecs, definition: String) -> Result<(), Trouble> {
        let asked = json!({ "cluster": self.cluster, "service": self.service, "taskDefinition": definition });
        let reply = ecs("UpdateService", asked)?;
        let primary = primary(&reply["service"]);
        self.phase = Phase::Watching(Watched {
            deployment: primary.and_then(|primary| primary["id"].as_str()).map(str::to_owned),
            definition,
            failed: false,
        });
        Ok(())
    }

    fn watch(&mut self, scene: &Scene, ecs: &mut Ecs, mut watched: Watched) -> Result<Step, Trouble> {
        let service = self.describe(ecs)?;
        watched.failed |= gave_up(&service, &watched);
        let step = next_step(&service, &watched, scene.rules);
        self.phase = Phase::Watching(watched);
        Ok(step)
    }
}

/// Why a call to ECS did not help.
enum Trouble {
    /// Worth another try.
    Passing,
    Final(Failure),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        let code = match refusal.code {
            "ThrottlingException" | "ServerException" => return Trouble::Passing,
            "AccessDeniedException" => "PermissionError",
            _ => "ConfigurationError",
        };
        Trouble::Final(Failure::new(code, refusal.message))
    }
}

fn primary(service: &Value) -> Option<&Value> {
    list(&service["deployments"])
        .iter()
        .find(|deployment| deployment["status"] == "PRIMARY")
}

/// Whether ECS shows the watched deployment as failed.
pub(crate) fn gave_up(service: &Value, watched: &Watched) -> bool {
    list(&service["deployments"])
        .iter()
        .any(|d| d["taskDefinition"] == watched.definition.as_str() && d["rolloutState"] == "FAILED")
}

/// What one DescribeServices entry means for the deployment that is watched.
pub(crate) fn next_step(service: &Value, watched: &Watched, rules: &EcsRules) -> Step {
    let Some(primary) = primary(service) else {
        return Step::Wait;
    };
    // `rolloutState` is absent where ECS does not roll; then steadiness is all there is to see.
    let complete = match primary["rolloutState"].as_str() {
        Some(state) => state == "COMPLETED",
        None => list(&service["deployments"]).len() == 1 && primary["runningCount"] == primary["desiredCount"],
    };
    if !complete {
        return Step::Wait;
    }
    if primary["taskDefinition"] == watched.definition.as_str() {
        return Step::Succeed;
    }
    let verdict = if watched.failed {
        rules.after_rollback
    } else {
        rules.after_foreign_update
    };
    match verdict {
        Verdict::TimesOut => Step::Wait,
        Verdict::Succeeds => Step::Succeed,
    }
}

/// Container and image pairs of an image definition file.
pub(crate) fn images(file: &str, source: Option<&Source>) -> Result<Vec<(String, String)>, Failure> {
    let failure = |text: String| Failure::new("ConfigurationError", text);
    let Some(source) = source else {
        return Err(failure("The action has no input artifact".to_owned()));
    };
    let Some(content) = source.text else {
        return Err(failure(format!(
            "Did not find the image definition file {file} in the input artifacts ZIP file. Verify the file is stored in your pipeline's Amazon S3 artifact bucket: {} key: {}",
            source.artifact.bucket, source.artifact.key
        )));
    };
    if content.len() > FILE_BYTES_MAX {
        return Err(failure(format!(
            "The image definition file {file} is larger than 100 KB"
        )));
    }
    let pairs = serde_json::from_str::<Vec<Value>>(content).ok().and_then(|entries| {
        let pair = |e: &Value| Some((e["name"].as_str()?.to_owned(), e["imageUri"].as_str()?.to_owned()));
        entries.iter().map(pair).collect()
    });
    pairs.ok_or_else(|| failure(format!("The image definition file {file} contents invalid JSON format")))
}

/// RegisterTaskDefinition's input: the described definition with these images and without what ECS added itself.
pub(crate) fn registration(described: &Value, images: &[(String, String)]) -> Result<Value, Failure> {
    const ECS_OWN: [&str; 8] = [
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
    ];
    let mut definition = described["taskDefinition"].clone();
    if let Some(members) = definition.as_object_mut() {
        members.retain(|name, _| !ECS_OWN.contains(&name.as_str()));
    }
    for (container, image) in images {
        let containers = definition["containerDefinitions"].as_array_mut();
        let named = containers.and_then(|all| all.iter_mut().find(|c| c["name"] == container.as_str()));
        let Some(named) = named else {
            let text = format!("The task definition has no container named {container}");
            return Err(Failure::new("ConfigurationError", text));
        };
        named["image"] = json!(image);
    }
    if !list(&described["tags"]).is_empty() {
        definition["tags"] = described["tags"].clone();
    }
    Ok(definition)
}
