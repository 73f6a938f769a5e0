//! Releases of other policies on the same execution: one of them may have ended it.

use crate::Serin;
use crate::ledger::{LedgerError, keys};
use decide::{ExecutionStatus, Part, Policy, Release, SeenExecution};

impl Serin {
    /// The release of another policy that was rolled back and ended the execution of this one, where one did.
    ///
    /// Asked only where that execution is over and its end matters. It is the name of a cause and nothing else, so
    /// that a ledger in trouble keeps nobody from rolling back.
    pub(super) async fn sibling(
        &self,
        policy: &Policy,
        release: &Release,
        seen: &Part<SeenExecution>,
    ) -> Option<String> {
        let over = matches!(seen.known()?.status, ExecutionStatus::Over(_));
        if !over || !release.depends_on_its_execution() {
            return None;
        }
        match self.find_sibling(policy, release).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(policy = policy.name, %error, "whether another release ended the execution is unknown");
                None
            }
        }
    }

    async fn find_sibling(&self, policy: &Policy, release: &Release) -> Result<Option<String>, LedgerError> {
        let Some(run) = &release.pipeline else { return Ok(None) };
        let arn = release.home.pipeline_arn(&run.name);
        let concerned = self.ledger.concerned(&keys::pipeline(&arn)).await?;
        for other in concerned.iter().filter(|other| **other != policy.name) {
            let slot = self.ledger.slot(other).await?;
            let mut own = slot.held.map(|held| held.release).into_iter().chain(slot.last);
            if let Some(sibling) = own.find(|sibling| sibling.ends(&run.execution)) {
                return Ok(Some(sibling.id));
            }
        }
        Ok(None)
    }
}
