//! Carries decisions out. Each refusal of AWS is handled as what it means.
//!
//! # Guarantees
//! Lanes run at the same time; none waits for another, and none ends another. Everything here may be
//! done twice: what is already so is left so.

pub(crate) mod definition;
mod ecs;
mod pipeline;
mod scaling;
mod tasks;
mod weights;

use crate::{Refused, Serin};
use decide::{Action, Fact};
use futures_util::future::join_all;

/// What became of one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Did {
    /// The action.
    pub action: Action,
    /// What happened, for people.
    pub text: String,
    /// What was learned that must be remembered.
    pub learned: Option<Fact>,
    /// Whether the world is other than it looked, so that a second look is due at once.
    pub look_again: bool,
    /// Whether it is done, and need not be done again under the same decision.
    pub done: bool,
}

impl Did {
    fn done(action: &Action, text: impl Into<String>) -> Did {
        Did {
            action: action.clone(),
            text: text.into(),
            learned: None,
            look_again: false,
            done: true,
        }
    }

    /// AWS says that things are other than they looked.
    fn outdated(action: &Action, refused: &Refused) -> Did {
        Did {
            action: action.clone(),
            text: refused.to_string(),
            learned: None,
            look_again: true,
            done: false,
        }
    }

    fn refused(action: &Action, refused: &Refused) -> Did {
        Did {
            action: action.clone(),
            text: refused.to_string(),
            learned: None,
            look_again: false,
            done: false,
        }
    }

    fn learning(mut self, fact: Fact) -> Did {
        self.learned = Some(fact);
        self.look_again = true;
        self
    }
}

impl Serin {
    /// Carries out all lanes.
    pub async fn act(&self, lanes: &[Vec<Action>]) -> Vec<Did> {
        let lanes = lanes.iter().map(|lane| async move {
            let mut did: Vec<Did> = Vec::new();
            for action in lane {
                // ECS would put the same in the place of tasks that nothing else was asked for.
                let stops = matches!(action, Action::StopTasks { .. });
                if stops && did.last().is_some_and(|before| !before.done) {
                    continue;
                }
                // On the heap: SDK calls that wait are large, and there is one of each kind.
                let one = Box::pin(self.act_one(action)).await;
                tracing::info!(done = one.done, "{}", one.text);
                did.push(one);
            }
            did
        });
        join_all(lanes).await.into_iter().flatten().collect()
    }

    async fn act_one(&self, action: &Action) -> Did {
        let ecs = &self.clients.ecs;
        match action {
            Action::Restore {
                cluster,
                service,
                task_definition,
                ..
            }
            | Action::Deploy {
                cluster,
                service,
                task_definition,
            }
            | Action::Promote {
                cluster,
                service,
                task_definition,
            } => ecs::restore(ecs, action, cluster, service, task_definition).await,
            Action::Redeploy {
                cluster,
                service,
                task_definition,
                ..
            } => ecs::redeploy(ecs, action, cluster, service, task_definition).await,
            Action::RollBackDeployment { service_deployment, .. } => {
                ecs::roll_back(ecs, action, service_deployment).await
            }
            Action::StopTasks {
                cluster,
                service,
                deployments,
                reason,
                ..
            } => tasks::stop(ecs, action, (cluster, service), deployments, reason).await,
            Action::RegisterAgain {
                task_definition,
                images,
                ..
            } => ecs::register_again(ecs, action, task_definition, images).await,
            Action::RegisterRelease {
                task_definition,
                images,
            } => ecs::register_release(ecs, action, task_definition, images).await,
            Action::RegisterPromotion {
                task_definition,
                images,
                names,
            } => ecs::register_promotion(ecs, action, task_definition, images, names).await,
            Action::Scale {
                cluster,
                service,
                tasks,
            } => ecs::scale(ecs, action, (cluster, service), *tasks).await,
            Action::Suspend {
                cluster,
                service,
                suspended,
            } => scaling::suspend(self.clients.autoscaling(), action, (cluster, service), *suspended).await,
            Action::Shift {
                rule, canary, stable, ..
            } => weights::shift(self.clients.elb(), action, &weights::alb(rule, stable, canary)).await,
            Action::Approve { pipeline, .. }
            | Action::Reject { pipeline, .. }
            | Action::Hold { pipeline, .. }
            | Action::Release { pipeline, .. }
            | Action::Stop { pipeline, .. } => pipeline::act(&self.clients.codepipeline, action, pipeline).await,
        }
    }
}
