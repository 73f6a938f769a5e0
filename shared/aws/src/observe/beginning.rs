//! What is found when something begins: both services with what they ran before, and the pipeline's shape.

use super::{asking, ecs, revision};
use crate::{Refused, Serin, Why};
use aws_sdk_codepipeline::types::{ActionDeclaration, ExecutionMode, StageDeclaration};
use aws_sdk_ecs::types::{Deployment, Service, ServiceRevision};
use decide::opening::{Beginning, Found, Shape, misplaced, unsound};
use decide::{At, Deployed, Part, Policy, Release, Revision, Start, configuration_hash};
use futures_util::future::join3;

/// A service as it was found, and the tags it has.
struct Tagged {
    found: Found,
    policy_tag: Option<String>,
}

/// Tag of a service: the policy that may act on it.
pub const POLICY_TAG: &str = "serin:policy";

impl Serin {
    /// Reads everything that opening a release depends on.
    ///
    /// # Errors
    /// Where ECS or CodePipeline refuse, where a service is missing, or is not tagged for this policy.
    pub async fn beginning(
        &self,
        policy: &Policy,
        start: Start,
        last: Option<Release>,
        known_since: At,
    ) -> Result<Beginning, Refused> {
        let services = &policy.two_services;
        let (canary, stable, promoting_stage) = join3(
            self.found(&services.cluster, &services.canary),
            self.found(&services.cluster, &services.stable),
            self.promoting_stage(policy, matches!(start, Start::Job { .. })),
        )
        .await;
        let (canary, stable) = (canary?, stable?);
        for (name, service) in [(&services.canary, &canary), (&services.stable, &stable)] {
            tagged(policy, name, service)?;
        }
        Ok(Beginning {
            start,
            told_from: None,
            home: self.home(),
            promoting_stage: promoting_stage?,
            canary: canary.found,
            stable: stable.found,
            last,
            known_since,
        })
    }

    async fn found(&self, cluster: &str, name: &str) -> Result<Tagged, Refused> {
        let ecs = &self.clients.ecs;
        let on = || format!("{name} in cluster {cluster}");
        let reply = ecs
            .describe_services()
            .cluster(cluster)
            .services(name)
            .include(aws_sdk_ecs::types::ServiceField::Tags)
            .send()
            .await;
        let reply = reply.map_err(|error| Refused::from_sdk("DescribeServices", on(), &error))?;
        let usable = ecs::usable(reply.services().first(), name, cluster);
        let (service, primary, created) = usable.map_err(|why| local("DescribeServices", on(), why))?;
        let policy_tag = service
            .tags()
            .iter()
            .find(|tag| tag.key() == Some(POLICY_TAG))
            .and_then(|tag| tag.value().map(str::to_owned));
        let (meaning, source) = futures_util::future::join(
            revision::meaning(ecs, cluster, service, primary),
            self.source(service, primary),
        )
        .await;
        Ok(Tagged {
            found: Found {
                seen: ecs::seen(service, (primary, created), meaning, None),
                source,
            },
            policy_tag,
        })
    }

    /// What the deployment that a service runs started from.
    async fn source(&self, service: &Service, primary: &Deployment) -> Part<Option<Deployed>> {
        match self.read_source(service, primary).await {
            Ok(source) => Part::Known(source),
            Err(refused) => Part::Unknown(refused.to_string()),
        }
    }

    async fn read_source(&self, service: &Service, primary: &Deployment) -> Result<Option<Deployed>, Refused> {
        let ecs = &self.clients.ecs;
        let name = service.service_name().unwrap_or_default();
        let Some(arn) = service.current_service_deployment() else {
            let why = "ECS names no service deployment for it".to_owned();
            return Err(local("DescribeServices", name, why));
        };
        let reply = ecs
            .describe_service_deployments()
            .service_deployment_arns(arn)
            .send()
            .await
            .map_err(|error| Refused::from_sdk("DescribeServiceDeployments", arn, &error))?;
        let Some(deployment) = reply.service_deployments().first() else {
            return Err(local(
                "DescribeServiceDeployments",
                arn,
                "there is no such deployment".to_owned(),
            ));
        };
        let back = deployment.rollback().and_then(|back| back.service_revision_arn());
        let mut sources: Vec<String> = deployment
            .source_service_revisions()
            .iter()
            .filter_map(|source| source.arn().map(str::to_owned))
            .collect();
        sources.extend(back.map(str::to_owned).filter(|back| !sources.contains(back)));
        if sources.is_empty() {
            return Ok(None);
        }
        let reply = ecs
            .describe_service_revisions()
            .set_service_revision_arns(Some(sources))
            .send()
            .await
            .map_err(|error| Refused::from_sdk("DescribeServiceRevisions", name, &error))?;
        let target = primary.task_definition();
        let revisions = || reply.service_revisions().iter();
        // ECS has taken that deployment back by itself: what runs now is what ran before.
        let gone_back = revisions().find(|revision| {
            back.is_some() && revision.service_revision_arn() == back && revision.task_definition() == target
        });
        if let Some(revision) = gone_back {
            return self.deployed_as(revision).await.map(Some);
        }
        // Several, where it started over an unfinished one: the oldest is what ran before all of them.
        let oldest = revisions()
            .filter(|revision| revision.task_definition() != target)
            .min_by_key(|revision| revision.created_at().map_or(i64::MAX, |at| at.secs()));
        let oldest = oldest.or_else(|| reply.service_revisions().first());
        let Some(revision) = oldest else {
            let why = "ECS has forgotten what it started from".to_owned();
            return Err(local("DescribeServiceRevisions", name, why));
        };
        self.deployed_as(revision).await.map(Some)
    }

    async fn deployed_as(&self, revision: &ServiceRevision) -> Result<Deployed, Refused> {
        let arn = revision.task_definition().unwrap_or_default();
        let images = revision
            .container_images()
            .iter()
            .map(|image| Some((image.container_name()?.to_owned(), image.image_digest()?.to_owned())))
            .collect::<Option<decide::Images>>()
            .filter(|images| !images.is_empty());
        let Some(images) = images else {
            let why = "ECS has no image digests for it".to_owned();
            return Err(local("DescribeServiceRevisions", arn, why));
        };
        let definition = crate::act::definition::describe(&self.clients.ecs, arn).await?;
        Ok(Deployed {
            task_definition: arn.to_owned(),
            revision: Revision {
                images,
                configuration: configuration_hash(&definition),
            },
            service_revision: revision.service_revision_arn().map(str::to_owned),
        })
    }

    /// The stage whose ECS deploy action gives stable the revision.
    pub(crate) async fn promoting_stage(&self, policy: &Policy, strictly: bool) -> Result<Option<String>, Refused> {
        let Some(pipeline) = &policy.pipeline else {
            return Ok(None);
        };
        let reply = self
            .clients
            .codepipeline
            .get_pipeline()
            .name(&pipeline.name)
            .send()
            .await;
        let reply = reply.map_err(|error| Refused::from_sdk("GetPipeline", &pipeline.name, &error))?;
        let declaration = reply.pipeline();
        let stages = declaration.map(|pipeline| pipeline.stages()).unwrap_or_default();
        let place = |service: &str| {
            stages
                .iter()
                .position(|stage| stage.actions().iter().any(|action| deploys(action, service)))
        };
        let (canary, stable) = (place(&policy.two_services.canary), place(&policy.two_services.stable));
        if strictly {
            let parallel = declaration.and_then(|pipeline| pipeline.execution_mode()) == Some(&ExecutionMode::Parallel);
            let stable_first = canary.zip(stable).is_some_and(|(canary, stable)| stable < canary);
            let shape = Shape {
                canary: canary.is_some(),
                stable: stable.is_some(),
                ours: between(stages, policy, |action| names(action, policy)),
                asks: between(stages, policy, |action| self.is_asked_by(action)) > 0,
            };
            let wrong = unsound(parallel, stable_first).map(str::to_owned);
            if let Some(wrong) = wrong.or_else(|| misplaced(policy, &shape)) {
                return Err(local("reading the pipeline", &pipeline.name, wrong));
            }
        }
        Ok(stable
            .and_then(|place| stages.get(place))
            .map(|stage| stage.name().to_owned()))
    }
}

impl Serin {
    /// Whether it is a manual approval that notifies our topic.
    fn is_asked_by(&self, action: &ActionDeclaration) -> bool {
        let topic = asking::notifies(action).map(|(topic, _)| topic);
        topic.is_some() && topic == self.approvals.as_deref()
    }
}

fn deploys(action: &ActionDeclaration, service: &str) -> bool {
    let provider = action.action_type_id().map(|id| id.provider());
    let given = action.configuration().and_then(|map| map.get("ServiceName"));
    provider == Some("ECS") && given.map(String::as_str) == Some(service)
}

/// How many such actions come after the canary's deployment and before stable's.
fn between(stages: &[StageDeclaration], policy: &Policy, is: impl Fn(&ActionDeclaration) -> bool) -> usize {
    let mut actions: Vec<(usize, i32, &ActionDeclaration)> = stages
        .iter()
        .enumerate()
        .flat_map(|(place, stage)| {
            let order = |action: &ActionDeclaration| action.run_order().unwrap_or(1);
            stage.actions().iter().map(move |action| (place, order(action), action))
        })
        .collect();
    actions.sort_by_key(|(place, order, _)| (*place, *order));
    let canary = actions
        .iter()
        .rposition(|(_, _, action)| deploys(action, &policy.two_services.canary));
    let stable = actions
        .iter()
        .position(|(_, _, action)| deploys(action, &policy.two_services.stable));
    let between =
        |place: usize| canary.is_some_and(|canary| place > canary) && stable.is_none_or(|stable| place < stable);
    let actions = actions.iter().enumerate();
    actions
        .filter(|(place, (_, _, action))| between(*place) && is(action))
        .count()
}

/// Whether it is a Lambda action whose parameters name this policy.
fn names(action: &ActionDeclaration, policy: &Policy) -> bool {
    let provider = action.action_type_id().map(|id| id.provider());
    let parameters = action.configuration().and_then(|map| map.get("UserParameters"));
    let parameters: Option<serde_json::Value> = parameters.and_then(|text| serde_json::from_str(text).ok());
    provider == Some("Lambda") && parameters.is_some_and(|parameters| parameters["policy"] == policy.name.as_str())
}

/// Whoever may write a policy must not thereby command another team's service.
fn tagged(policy: &Policy, name: &str, service: &Tagged) -> Result<(), Refused> {
    if service.policy_tag.as_deref() == Some(policy.name.as_str()) {
        return Ok(());
    }
    let wanted = &policy.name;
    let why = match &service.policy_tag {
        None => format!("it has no tag {POLICY_TAG}; tag it {POLICY_TAG}={wanted}"),
        Some(other) => format!(
            "it is tagged {POLICY_TAG}={}, not {wanted}",
            crate::event::bounded(other, 60)
        ),
    };
    Err(local("checking the tag of the service", name, why))
}

fn local(operation: &'static str, on: impl Into<String>, message: String) -> Refused {
    Refused {
        operation,
        on: on.into(),
        why: Why::Refused,
        code: None,
        message,
    }
}
