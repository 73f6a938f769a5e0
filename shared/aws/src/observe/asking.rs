//! Whether a manual approval asks Serin: its action notifies Serin's topic, which whoever wrote the pipeline put there.

use crate::ledger::{LedgerError, keys};
use crate::{Refused, Serin};
use aws_sdk_codepipeline::types::{ActionCategory, ActionDeclaration, StageDeclaration};
use decide::order;
use decide::policy::Approver;
use decide::{Execution, Part, Phase, Policy, Release, SeenExecution};

/// For how long a manual approval waits where its action does not say.
///
/// # Source
/// AWS CodePipeline user guide, "Quotas": seven days.
const MINUTES: u32 = 7 * 24 * 60;

/// The topic that a manual approval action notifies, and for how many minutes it waits; none for other actions.
pub(super) fn notifies(action: &ActionDeclaration) -> Option<(&str, u32)> {
    let category = action.action_type_id().map(|id| id.category());
    let topic = action.configuration()?.get("NotificationArn")?;
    let minutes = action
        .timeout_in_minutes()
        .and_then(|minutes| u32::try_from(minutes).ok());
    (category == Some(&ActionCategory::Approval)).then(|| (topic.as_str(), minutes.unwrap_or(MINUTES)))
}

impl Serin {
    /// Reads whether the open approval asks Serin and, where Serin is to answer it, for whom else it would speak.
    ///
    /// Asked only where the policy has something to do with it, and once for each request: a pipeline that is edited
    /// takes no answer to what it asked before.
    pub(super) async fn asking(
        &self,
        policy: &Policy,
        release: &Release,
        seen: &mut Part<SeenExecution>,
    ) -> Part<Option<String>> {
        let nobody = || Part::Unknown("not asked".to_owned());
        let waits = matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. });
        let (Part::Known(execution), Some(run), Some(topic)) = (seen, &release.pipeline, &self.approvals) else {
            return nobody();
        };
        let Some(approval) = execution.approval.as_mut().filter(|_| waits) else {
            return nobody();
        };
        if policy.approval != Approver::Pipeline && approval.asks_minutes.is_none() {
            let declared = self.declared(run, &approval.stage, &approval.action).await;
            approval.asks_minutes = match &declared {
                Ok(declared) => declared
                    .as_ref()
                    .and_then(notifies)
                    .filter(|(notified, _)| notified == topic)
                    .map(|(_, minutes)| minutes),
                Err(refused) => {
                    tracing::warn!(policy = policy.name, %refused, "whether the approval asks Serin is unknown");
                    None
                }
            };
        }
        let ours = match policy.approval {
            Approver::Automatic => true,
            Approver::Human => order::is_let_go(release),
            Approver::Pipeline => false,
        };
        if !ours || approval.asks_minutes.is_none() {
            return nobody();
        }
        match self.shared_with(policy, release, run).await {
            Ok(other) => Part::Known(other),
            Err(error) => Part::Unknown(error.to_string()),
        }
    }

    async fn declared(&self, run: &Execution, stage: &str, action: &str) -> Result<Option<ActionDeclaration>, Refused> {
        let request = self.clients.codepipeline.get_pipeline().name(&run.name);
        let reply = request.send().await;
        let reply = reply.map_err(|error| Refused::from_sdk("GetPipeline", &run.name, &error))?;
        let stages = reply.pipeline().map(|pipeline| pipeline.stages()).unwrap_or_default();
        let own = |declared: &&StageDeclaration| declared.name() == stage;
        let mut actions = stages.iter().filter(own).flat_map(|stage| stage.actions());
        Ok(actions.find(|declared| declared.name() == action).cloned())
    }

    /// Another policy that is on the same pipeline.
    pub(crate) async fn shared_with(
        &self,
        policy: &Policy,
        release: &Release,
        run: &Execution,
    ) -> Result<Option<String>, LedgerError> {
        let key = keys::pipeline(&release.home.pipeline_arn(&run.name));
        let concerned = self.ledger.concerned(&key).await?;
        Ok(concerned.into_iter().find(|name| *name != policy.name))
    }
}
