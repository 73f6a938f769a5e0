use crate::policy::Promotion;
use crate::{
    Approval, At, Cause, DeadLetters, Deployed, Execution, Fact, Freeze, Gate, Home, Images, Outcome, Phase, Policy,
    Scaling, Size, Wanted, Weighed, token_mark,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema number that this build writes. It reads this one and the next.
pub const SCHEMA: u32 = 1;

/// One release, as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Schema of this document.
    pub schema: u32,
    /// Hash of policy, kind of start, execution or deployment id, and attempt; at most 60 characters.
    pub id: String,
    /// Account and region of services and alarms.
    pub home: Home,
    /// Cluster of both services.
    pub cluster: String,
    /// When it was opened.
    pub opened: At,
    /// Where it is.
    #[serde(flatten)]
    pub phase: Phase,
    /// Since when.
    pub phase_since: At,
    /// Image digests that are being released, once the canary was seen with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
    /// The small service.
    pub canary: Service,
    /// The large one.
    pub stable: Service,
    /// How many tasks the canary has, once a step has changed that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// The canary's automatic scaling, where we have suspended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// The weights of both services, where a load balancer shares the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weighed>,
    /// Its promotion exchanges the roles of both services: stable is given nothing, and is the way back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub swaps: bool,
    /// The automatic scaling of the old side, where a swap has changed that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_scaling: Option<Scaling>,
    /// How many tasks the old side has, once a swap has outlived its watch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Size>,
    /// How many tasks the old side was given, where a rollback found it with none and everybody is to be sent to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refilled: Option<Size>,
    /// Since when the canary has had the share of its step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_reached: Option<At>,
    /// The pipeline execution that releases, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Execution>,
    /// What started it: the kind and the id that make its own; see [`crate::Start`].
    #[serde(default)]
    pub start: String,
    /// What Serin gives the canary itself, where the release was started so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// Executions of releases whose place it took: they must not promote any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<Execution>,
    /// The release before it that is still in its watch, which runs on in here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched: Option<Watched>,
    /// The canary still runs what the release before could not take off it: what rings until it is given this
    /// release's revision is known, and must not stop the fix.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_bad: bool,
    /// Stable's baseline is what failed after its promotion and may not go back: until stable is given this release, a
    /// queue that both share does not tell whose its dead letters are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bad_on_stable: bool,
    /// Since when ECS was seen to run no task of it any more, and all of its services what they had before, while it is taken
    /// back: one that is being stopped may finish what it holds for as long as its stop time-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since: Option<At>,
    /// Whether nothing was done about it: its policy was a dry run when it was decided on last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// The canary's ECS deployment when the release closed: what came later is something new. Empty where it left none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<String>,
    /// What a person said of the policy's freeze, which no release owns.
    #[serde(skip)]
    pub freeze: Option<Freeze>,
    /// What was learned from outside or from AWS's refusals, by key; merged, never overwritten.
    #[serde(skip)]
    pub facts: BTreeMap<String, Fact>,
}

/// A promoted release that is still watched when the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Its id.
    pub release: String,
    /// When its watch ends.
    pub until: At,
    /// The canary as that release knew it: where it goes back to if the watch fails.
    pub canary: Service,
    /// Stable as that release knew it, with what it was given.
    pub stable: Service,
    /// The images that were promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
}

/// Which of the two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The small one.
    Canary,
    /// The large one.
    Stable,
}

/// What the release knows of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Service name.
    pub name: String,
    /// What it ran just before the release touched it.
    pub baseline: Deployed,
    /// Task definition prepared for the way back: the baseline's own, or a digest-pinned copy.
    pub restore: String,
    /// What the release gave it, once it did: it is touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
    /// What it goes back to names its images by tags, and no copy by digest has been prepared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unprepared: bool,
    /// By which other definition it was seen to run its baseline last, where it does not do so by the baseline's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs_as: Option<String>,
    /// Task definitions it was given by releases whose place this one took: none of them was promoted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
    /// How often it was told to go back.
    #[serde(default, skip_serializing_if = "Attempts::is_none")]
    pub attempts: Attempts,
}

/// What the release, or its execution, gave a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Task definition of the deployment.
    pub task_definition: String,
    /// ECS deployment id (`ecs-svc/…`).
    pub deployment: String,
    /// When ECS created that deployment, by ECS's clock.
    pub created: At,
    /// When it was first seen to run on all tasks, and nothing else: its bake begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<At>,
    /// Hash of the configuration, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// Image names as the definition spells them, where they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_names: Option<Images>,
    /// Image digests, where they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
    /// By no action of the release's pipeline: by a person, for all that is known, who was quicker than that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// What dead-letter queues have gained since, by queue name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dead_letters: BTreeMap<String, DeadLetters>,
}

/// Attempts to bring a service back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// How many were authorised.
    pub count: u32,
    /// When the last one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<At>,
    /// The ECS deployment it was meant to replace; another one with the bad revision is a failed attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
}

impl Attempts {
    fn is_none(&self) -> bool {
        self.count == 0
    }
}

impl Service {
    /// A service that runs this and was given nothing else yet.
    pub fn untouched(name: String, baseline: Deployed) -> Service {
        Service {
            name,
            restore: baseline.task_definition.clone(),
            baseline,
            given: None,
            unprepared: false,
            runs_as: None,
            earlier: Vec::new(),
            attempts: Attempts::default(),
        }
    }

    /// The definition by which it runs its baseline, as far as that was seen: what its tasks count under.
    pub fn baseline_runs_as(&self) -> &str {
        self.runs_as.as_deref().unwrap_or(&self.baseline.task_definition)
    }

    /// What it was given, as a baseline for what comes next; where its digests were never read, not.
    pub fn promoted(&self) -> Option<Deployed> {
        let given = self.given.as_ref()?;
        Some(Deployed {
            task_definition: given.task_definition.clone(),
            revision: crate::Revision {
                images: given.images.clone()?,
                configuration: given.configuration.clone()?,
            },
            service_revision: None,
        })
    }
}

impl Release {
    /// Armed: the canary has been given something else than its baseline; or, where a person retried an
    /// approval after a rollback, stable alone.
    pub fn armed(&self) -> Option<&Given> {
        self.canary.given.as_ref().or(self.stable.given.as_ref())
    }

    /// Whether stable still runs what failed before this release, so that a queue which both share speaks of that.
    pub fn shares_with_what_failed(&self) -> bool {
        self.bad_on_stable && self.stable.given.is_none() || self.left_on_stable().is_some()
    }

    /// Whether it began at stable: a person had an execution tried again, and no canary is part of it.
    pub fn is_of_stable_alone(&self) -> bool {
        crate::Start::is_promotion(&self.start)
    }

    /// Whether its own rollback ends this execution; not, where the execution had ended before that.
    pub fn ends(&self, execution: &str) -> bool {
        let cause = match &self.phase {
            Phase::Closed {
                outcome: Outcome::RolledBack { cause } | Outcome::RollbackFailed { cause },
            } => Some(cause),
            phase => phase.rolling_back(),
        };
        let ended_by_itself = |cause: &Cause| matches!(cause, Cause::PipelineEnded { .. } | Cause::Sibling { .. });
        self.pipeline.as_ref().is_some_and(|run| run.execution == execution)
            && cause.is_some_and(|cause| !ended_by_itself(cause))
    }

    /// Whether an end of its execution would end the release, and nothing else has yet.
    pub fn depends_on_its_execution(&self) -> bool {
        let before_stable = matches!(self.phase, Phase::Baking { .. } | Phase::Gated { .. });
        before_stable || self.phase == Phase::Promoting
    }

    /// What a release before this one, which could not be put right, has left on stable: nothing of this one's yet.
    pub fn left_on_stable(&self) -> Option<&Given> {
        let left = |given: &&Given| self.stable.earlier.contains(&given.task_definition);
        self.stable.given.as_ref().filter(left)
    }

    /// Images that the release changes, by container: sidecars that stay as they are promote nothing.
    pub fn changed_images(&self) -> Option<Images> {
        let role = if self.is_of_stable_alone() {
            Role::Stable
        } else {
            Role::Canary
        };
        let before = &self.service(role).baseline.revision.images;
        let changed = self.images.as_ref()?.iter();
        let changed = changed.filter(|(container, digest)| before.get(*container) != Some(*digest));
        Some(
            changed
                .map(|(container, digest)| (container.clone(), digest.clone()))
                .collect(),
        )
    }

    /// Whether every image that the release changes is in there, as far as there are such containers.
    pub fn is_carried_by(&self, images: &Images) -> bool {
        let Some(changed) = self.changed_images() else {
            return false;
        };
        let mut shared = changed
            .iter()
            .filter(|(container, _)| images.contains_key(*container))
            .peekable();
        shared.peek().is_some() && shared.all(|(container, digest)| images.get(container) == Some(digest))
    }

    /// Whether stable has nothing to be given: only the canary's configuration is released, or stable has the
    /// images already.
    pub fn keeps_images(&self) -> bool {
        let nothing_changes = self.changed_images().is_some_and(|changed| changed.is_empty());
        nothing_changes || self.is_carried_by(&self.stable.baseline.revision.images)
    }

    /// One of the two services.
    pub fn service(&self, role: Role) -> &Service {
        match role {
            Role::Canary => &self.canary,
            Role::Stable => &self.stable,
        }
    }

    /// One of the two services, to write to.
    pub(crate) fn service_mut(&mut self, role: Role) -> &mut Service {
        match role {
            Role::Canary => &mut self.canary,
            Role::Stable => &mut self.stable,
        }
    }

    /// Moves to another phase. A move that is not on the list is not made.
    pub(crate) fn become_phase(&mut self, phase: Phase, at: At) {
        if self.phase.may_become(&phase) && self.phase != phase {
            self.phase = phase;
            self.phase_since = at;
        }
    }

    /// Whether this ARN names one of the policy's alarms, in the account and region of the release.
    pub fn guarded_by(&self, policy: &Policy, alarm_arn: &str) -> bool {
        policy.alarms().any(|name| alarm_arn == self.alarm_arn(name))
    }

    /// ARN of an alarm of the policy.
    pub fn alarm_arn(&self, name: &str) -> String {
        format!(
            "arn:{}:cloudwatch:{}:{}:alarm:{name}",
            self.home.partition, self.home.region, self.home.account
        )
    }

    /// Task definition that brings a service back: the prepared one, or the copy made of it since.
    pub fn restore_target(&self, role: Role) -> &str {
        self.restore_target_of(self.service(role))
    }

    /// The same for a service of this release.
    pub fn restore_target_of<'a>(&'a self, service: &'a Service) -> &'a str {
        let prepared = service.restore.as_str();
        self.facts
            .values()
            .find_map(|fact| match fact {
                Fact::Prepared {
                    instead_of,
                    task_definition,
                } if instead_of == prepared => Some(task_definition.as_str()),
                _ => None,
            })
            .unwrap_or(prepared)
    }

    /// Whether ECS said that this task definition is INACTIVE.
    pub fn known_inactive(&self, task_definition: &str) -> bool {
        self.facts
            .values()
            .any(|fact| matches!(fact, Fact::Inactive { task_definition: arn } if arn == task_definition))
    }

    /// Whether ECS refused to stop this service deployment.
    pub fn known_unstoppable(&self, service_deployment: &str) -> bool {
        self.facts
            .values()
            .any(|fact| matches!(fact, Fact::Unstoppable { service_deployment: arn } if arn == service_deployment))
    }

    /// Whether an action of ours in this release's execution asks for this.
    pub fn is_asked(&self, gate: Gate) -> bool {
        let own = self.pipeline.as_ref().map(|run| run.execution.clone());
        own.is_some_and(|execution| self.facts.contains_key(&Fact::Asked { gate, execution }.key()))
    }

    /// When CodePipeline gives an approval up that asks Serin: by its own word, else by how long the action waits.
    pub fn expires(&self, approval: &Approval) -> Option<At> {
        let told = self.facts.values().find_map(|fact| match fact {
            Fact::ApprovalAsked { token, expires, .. } if *token == token_mark(&approval.token) => Some(*expires),
            _ => None,
        });
        told.or_else(|| Some(approval.since?.plus_seconds(approval.asks_minutes? * 60)))
    }

    /// When this was told to people, if it was.
    pub fn noticed(&self, notice: &str) -> Option<At> {
        self.facts.values().find_map(|fact| match fact {
            Fact::Noticed { notice: told, since } if told == notice => Some(*since),
            _ => None,
        })
    }

    /// What stable is given by Serin itself, once that is registered.
    pub fn promotes(&self) -> Option<&str> {
        let registered = self.facts.values().filter_map(|fact| match fact {
            Fact::Promotes { task_definition } => Some(task_definition.as_str()),
            _ => None,
        });
        // Two may have been registered at the same time: `:10` comes after `:9`.
        registered.max_by_key(|arn| (arn.len(), *arn))
    }

    /// What the canary is given by Serin itself, once that is registered.
    pub fn deploys(&self) -> Option<&str> {
        let registered = self.facts.values().filter_map(|fact| match fact {
            Fact::Deploys { task_definition } => Some(task_definition.as_str()),
            _ => None,
        });
        registered.max_by_key(|arn| (arn.len(), *arn))
    }

    /// Whether this was registered for the canary by this release: several may have been, at the same time.
    pub fn has_registered(&self, task_definition: &str) -> bool {
        let fact = Fact::Deploys {
            task_definition: task_definition.to_owned(),
        };
        self.facts.contains_key(&fact.key())
    }

    /// Whether nobody's pipeline lets it go on: Serin promotes what has baked by itself.
    pub fn goes_alone(&self, policy: &Policy) -> bool {
        let ours = self.wanted.is_some() || policy.pipeline.is_none();
        self.pipeline.is_none() && ours && policy.promotion != Promotion::Pipeline
    }

    /// Whether CodePipeline no longer takes this token.
    pub fn known_spent(&self, token: &str) -> bool {
        let mark = token_mark(token);
        self.facts
            .values()
            .any(|fact| matches!(fact, Fact::TokenSpent { token } if *token == mark))
    }

    /// Task definitions of a service that need not be read, as the release knows their meaning.
    pub fn knows(&self, role: Role, task_definition: &str) -> bool {
        let service = self.service(role);
        let read = |given: &&Given| given.configuration.is_some() && given.images.is_some();
        let given = service.given.as_ref().filter(read);
        task_definition == service.baseline.task_definition
            || task_definition == service.restore
            || task_definition == self.restore_target(role)
            || given.is_some_and(|given| given.task_definition == task_definition)
    }
}

#[cfg(test)]
mod tests {
    use super::Approval;
    use crate::{At, Fact};

    #[test]
    fn a_token_is_never_shown() {
        let token = "c0ffee00-1111-4222-8333-444455556666";
        let approval = Approval {
            stage: "Gate".to_owned(),
            action: "Ok".to_owned(),
            token: token.to_owned(),
            since: None,
            asks_minutes: None,
            retried: false,
        };
        assert_eq!(format!("{approval:?}"), "Approval(Gate/Ok)");
        assert!(!token.ends_with(&crate::token_mark(token)));
    }

    #[test]
    fn the_same_alarm_transition_is_the_same_fact_whatever_its_text() {
        let fact = |millis, reason: &str| Fact::Alarm {
            arn: "arn:a".to_owned(),
            name: "a".to_owned(),
            since: At::from_millis(millis),
            reason: reason.to_owned(),
        };
        assert_eq!(fact(1, "x").key(), fact(1, "y").key());
        assert_ne!(fact(1, "x").key(), fact(2, "x").key());
    }
}
