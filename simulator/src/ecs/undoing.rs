//! When a deployment has failed, was replaced or is to be stopped, and what ECS does then.

use super::state::{Completed, DeploymentStatus, Rollback, Rollout, RolloutState};
use super::{Due, Ecs, Moment, text};
use crate::refusal::Refusal;
use crate::time::At;
use serde_json::{Value, json};

/// Why ECS gives a deployment up.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cause {
    /// Too many tasks failed.
    Breaker,
    /// A deployment alarm fired.
    Alarm(String),
    /// `StopServiceDeployment`.
    Asked,
}

impl Cause {
    /// The failed deployment's `rolloutStateReason`.
    fn rollout_reason(&self) -> String {
        match self {
            Cause::Breaker => "ECS deployment circuit breaker: tasks failed to start.".to_owned(),
            Cause::Alarm(_) => "ECS deployment failed: alarm detected.".to_owned(),
            Cause::Asked => "ECS deployment stopped: rollback requested by the user.".to_owned(),
        }
    }

    /// The service deployment's `statusReason` and `rollback.reason`.
    fn status_reason(&self) -> String {
        match self {
            Cause::Breaker => {
                "Service deployment rolled back because the circuit breaker threshold was exceeded.".to_owned()
            }
            Cause::Alarm(name) => {
                format!("Service deployment rolled back because the deployment alarm {name} was triggered.")
            }
            Cause::Asked => "Service deployment rolled back by the user.".to_owned(),
        }
    }

    /// The new PRIMARY deployment's `rolloutStateReason`.
    fn rolling_back_reason(&self, to: &str) -> String {
        match self {
            Cause::Breaker => format!("ECS deployment circuit breaker: rolling back to deploymentId {to}."),
            Cause::Alarm(_) => format!("ECS deployment alarm: rolling back to deploymentId {to}."),
            Cause::Asked => format!("ECS deployment stopped: rolling back to deploymentId {to}."),
        }
    }

    fn event(&self) -> &'static str {
        match self {
            Cause::Breaker => "tasks failed to start.",
            Cause::Alarm(_) => "alarm detected.",
            Cause::Asked => "rollback requested.",
        }
    }
}

const NO_CANDIDATE: &str = "No rollback candidate was found to run the rollback.";

impl Ecs {
    /// Ends whatever deployment is under way because something else takes its place. Says until when that takes.
    pub(super) fn stop_unfinished(&mut self, index: usize, moment: &mut Moment<'_>) -> Option<At> {
        let deployment = self.services[index].deployments.len().checked_sub(1)?;
        let entry = &mut self.services[index].deployments[deployment];
        if entry.status.is_over() {
            return None;
        }
        entry.status = DeploymentStatus::StopRequested;
        entry.reason = Some("Service deployment stopped because a new service deployment was requested.".to_owned());
        entry.updated_at = moment.now;
        let pending = [entry.next.take(), entry.alarm.take()];
        for key in pending {
            self.cancel(key);
        }
        let until = moment.within(2, 5);
        let next = self.schedule(
            until,
            Due::Stopped {
                service: index,
                deployment,
            },
        );
        self.services[index].deployments[deployment].next = Some(next);
        self.changed.push(index);
        Some(until)
    }

    pub(super) fn end_replaced(&mut self, index: usize, deployment: usize, moment: &mut Moment<'_>) {
        let entry = &mut self.services[index].deployments[deployment];
        entry.next = None;
        entry.end(DeploymentStatus::Stopped, moment.now);
        entry.stopped_at = Some(moment.now);
        self.changed.push(index);
    }

    /// The circuit breaker looks at one more failure.
    pub(super) fn judge_failures(&mut self, index: usize, moment: &mut Moment<'_>) {
        let service = &mut self.services[index];
        let primary = &service.rollouts[0];
        let entry = &mut service.deployments[primary.deployment];
        if !primary.is_rollback {
            entry.failures = primary.failed;
        }
        let Some(breaker) = entry
            .config
            .breaker
            .filter(|_| primary.state == RolloutState::InProgress)
        else {
            return;
        };
        entry.threshold = breaker.limit(service.desired);
        if primary.failed < entry.threshold {
            return;
        }
        entry.breaker_triggered = true;
        if breaker.rollback {
            self.roll_back(index, Cause::Breaker, moment);
        } else {
            self.give_up(index, &Cause::Breaker, moment);
            let service = &mut self.services[index];
            let deployment = service.rollouts[0].deployment;
            let entry = &mut service.deployments[deployment];
            entry.end(DeploymentStatus::Stopped, moment.now);
            entry.stopped_at = Some(moment.now);
            entry.reason =
                Some("Service deployment stopped because the circuit breaker threshold was exceeded.".to_owned());
        }
    }

    pub(super) fn alarm_fires(&mut self, index: usize, deployment: usize, moment: &mut Moment<'_>) {
        let service = &mut self.services[index];
        let entry = &mut service.deployments[deployment];
        entry.alarm = None;
        if !matches!(entry.status, DeploymentStatus::Pending | DeploymentStatus::InProgress) {
            return;
        }
        let name = entry.config.alarm_names.first().cloned();
        let name = name.unwrap_or_else(|| format!("{}-deployment-alarm", service.name));
        entry.triggered_alarms.push(name.clone());
        let pending = entry.next.take();
        self.cancel(pending);
        self.roll_back(index, Cause::Alarm(name), moment);
    }

    pub(super) fn roll_back_as_asked(&mut self, index: usize, deployment: usize, moment: &mut Moment<'_>) {
        self.services[index].deployments[deployment].next = None;
        self.roll_back(index, Cause::Asked, moment);
    }

    /// The PRIMARY deployment has failed and starts no more tasks.
    fn give_up(&mut self, index: usize, cause: &Cause, moment: &mut Moment<'_>) {
        let service = &mut self.services[index];
        let primary = &mut service.rollouts[0];
        primary.state = RolloutState::Failed;
        primary.reason = cause.rollout_reason();
        primary.updated_at = moment.now;
        let (id, pending) = (primary.id.clone(), service.deployments[primary.deployment].alarm.take());
        self.cancel(pending);
        self.say(
            index,
            &format!("(deployment {id}) deployment failed: {}", cause.event()),
            moment,
        );
        // ECS sends this event for breaker and alarms only.
        if *cause != Cause::Asked {
            self.tell_rollout(index, "ERROR", "SERVICE_DEPLOYMENT_FAILED");
        }
    }

    /// Goes back to the last deployment that completed: a new PRIMARY of an existing revision.
    fn roll_back(&mut self, index: usize, cause: Cause, moment: &mut Moment<'_>) {
        self.give_up(index, &cause, moment);
        let candidate = self.candidate(index, &cause);
        let service = &mut self.services[index];
        let deployment = service.rollouts[0].deployment;
        let entry = &mut service.deployments[deployment];
        let Some(candidate) = candidate else {
            entry.end(DeploymentStatus::RollbackFailed, moment.now);
            entry.reason = Some(NO_CANDIDATE.to_owned());
            return;
        };
        entry.status = DeploymentStatus::RollbackInProgress;
        entry.reason = Some(cause.status_reason());
        entry.started_at.get_or_insert(moment.now);
        entry.updated_at = moment.now;
        entry.rollback = Some(Rollback {
            reason: cause.status_reason(),
            started_at: moment.now,
            revision: candidate.revision,
        });
        let wake = service.wake.take();
        self.cancel(wake);
        self.say(
            index,
            &format!("rolling back to deployment {}.", candidate.rollout),
            moment,
        );
        let id = format!("ecs-svc/{}", moment.digits());
        let reason = cause.rolling_back_reason(&candidate.rollout);
        let mut rollout = Rollout::new(id, candidate.revision, deployment, reason, moment.now, moment.now);
        rollout.is_rollback = true;
        self.add_rollout(index, rollout);
        self.reconcile(index, moment);
    }

    /// What to go back to. A deployment being gone back to is not COMPLETED until it is done, so it cannot be gone
    /// back to again meanwhile (developer guide, "How the deployment circuit breaker detects failures").
    fn candidate(&mut self, index: usize, cause: &Cause) -> Option<Completed> {
        let service = &mut self.services[index];
        let primary = &service.rollouts[0];
        if let Some(completed) = service.last_completed.take() {
            return Some(completed);
        }
        let source = *service.deployments[primary.deployment].sources.first()?;
        let rollout = service.rollouts.iter().find(|rollout| rollout.revision == source);
        let rollout = rollout.map(|rollout| rollout.id.clone()).unwrap_or_default();
        (*cause == Cause::Asked).then_some(Completed {
            rollout,
            revision: source,
        })
    }

    pub(super) fn stop_deployment(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let arn = text(input, "serviceDeploymentArn").unwrap_or_default();
        let found = self.deployments_by_arn.get(arn).copied();
        let (index, deployment) = found.ok_or_else(|| {
            Refusal::new(
                "ServiceDeploymentNotFoundException",
                "The service deployment cannot be found.",
            )
        })?;
        if text(input, "stopType") == Some("ABORT") {
            return Err(Refusal::new(
                "UnsupportedFeatureException",
                "ROLLBACK is the only supported stop type.",
            ));
        }
        let entry = &mut self.services[index].deployments[deployment];
        match entry.status {
            DeploymentStatus::Pending | DeploymentStatus::InProgress => {
                entry.status = DeploymentStatus::RollbackRequested;
                entry.updated_at = moment.now;
                let pending = [entry.next.take(), entry.alarm.take()];
                for key in pending {
                    self.cancel(key);
                }
                let next = self.schedule(
                    moment.within(1, 3),
                    Due::RollBack {
                        service: index,
                        deployment,
                    },
                );
                let service = &mut self.services[index];
                service.deployments[deployment].next = Some(next);
                // Nothing more is started, and it cannot complete any more.
                service.rollouts[0].not_before = At(i64::MAX);
                self.changed.push(index);
            }
            status if status.is_over() => {
                let message = format!(
                    "The service deployment is in the {} state and cannot be stopped.",
                    status.name()
                );
                return Err(Refusal::new("ConflictException", message).with("resourceIds", json!([arn])));
            }
            _ => {}
        }
        Ok(json!({ "serviceDeploymentArn": arn }))
    }
}

impl super::state::Deployment {
    fn end(&mut self, status: DeploymentStatus, now: At) {
        self.status = status;
        self.finished_at = Some(now);
        self.updated_at = now;
    }
}
