//! Which of two services is stable, where a policy swaps them: read from the rule's weights when a release opens.

use crate::Serin;
use crate::begin::BeginError;
use crate::observe::weights;
use decide::Policy;
use decide::policy::Traffic;

impl Serin {
    /// A policy in the roles that its services have: those of the open release, or else what the weights say.
    ///
    /// # Errors
    /// Where the load balancer cannot be asked, or does not say.
    pub(crate) async fn in_roles(&self, policy: &Policy, open: Option<&Policy>) -> Result<Policy, BeginError> {
        let alb = match &policy.traffic {
            Traffic::Alb(alb) if policy.swaps() => alb,
            Traffic::Alb(_) | Traffic::ConsumerShare { .. } => return Ok(policy.clone()),
        };
        let turned = policy.turned();
        let same = |open: &&Policy| [&policy.two_services, &turned.two_services].contains(&&open.two_services);
        if let Some(open) = open.filter(same) {
            return Ok(policy.in_roles_of(open));
        }
        let actions = weights::actions(self.clients.elb(), alb).await?;
        let forward = actions.and_then(|actions| weights::forward(&actions, alb));
        policy.in_roles(forward.as_ref()).map_err(BeginError::Unclear)
    }
}
