//! Which of two services is stable, where they are swapped: the one that the load balancer gives more.

use super::{Alb, Policy, Promotion, Traffic, TwoServices};
use crate::SeenForward;
use serde::{Deserialize, Serialize};

/// What becomes of the side that was stable, once a swap has outlived its watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retire {
    /// It is given no tasks.
    ScaleToZero,
    /// It keeps them.
    Keep,
}

impl Policy {
    /// Whether a promotion exchanges the roles of both services.
    pub fn swaps(&self) -> bool {
        self.promotion == Promotion::Swap
    }

    /// The same policy with both services in each other's role.
    #[must_use]
    pub fn turned(&self) -> Policy {
        let TwoServices {
            cluster,
            stable,
            canary,
        } = self.two_services.clone();
        let traffic = match self.traffic.clone() {
            Traffic::Alb(Alb {
                rule,
                stable_target_group,
                canary_target_group,
                resting_share_permille,
            }) => Traffic::Alb(Alb {
                rule,
                stable_target_group: canary_target_group,
                canary_target_group: stable_target_group,
                resting_share_permille,
            }),
            traffic @ Traffic::ConsumerShare { .. } => traffic,
        };
        Policy {
            two_services: TwoServices {
                cluster,
                stable: canary,
                canary: stable,
            },
            traffic,
            ..self.clone()
        }
    }

    /// This policy in the roles that both services have in another one, where they are swapped and the same: in those an
    /// open release was begun, whatever its weights are by now.
    #[must_use]
    pub fn in_roles_of(&self, open: &Policy) -> Policy {
        let turned = self.turned();
        match self.swaps() && turned.two_services == open.two_services {
            true => turned,
            false => self.clone(),
        }
    }

    /// This policy in the roles that both services have by the weights, while no release is open: who carries more is
    /// stable. As it is written, where nothing is swapped.
    ///
    /// # Errors
    /// Where the weights do not say: the reason, and what to do.
    pub fn in_roles(&self, forward: Option<&SeenForward>) -> Result<Policy, String> {
        let alb = match &self.traffic {
            Traffic::Alb(alb) if self.swaps() => alb,
            Traffic::Alb(_) | Traffic::ConsumerShare { .. } => return Ok(self.clone()),
        };
        let names = &self.two_services;
        let unclear = |why: String| {
            Err(format!(
                "which of {} and {} is stable cannot be told: {why}; give the one that is to be stable all the weight",
                names.stable, names.canary
            ))
        };
        let Some(forward) = forward else {
            return unclear(format!("{} is not there, or forwards to no target group", alb.rule));
        };
        let (canary, stable) = (forward.canary.unwrap_or_default(), forward.stable.unwrap_or_default());
        match canary.cmp(&stable) {
            std::cmp::Ordering::Less => Ok(self.clone()),
            std::cmp::Ordering::Greater => Ok(self.turned()),
            std::cmp::Ordering::Equal if canary == 0 => unclear("neither has any weight".to_owned()),
            std::cmp::Ordering::Equal => unclear(format!("both have the weight {canary}")),
        }
    }
}

#[cfg(test)]
mod tests;
