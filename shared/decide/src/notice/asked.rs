use crate::{Approval, At, Release};

/// A manual approval that waits for a person, and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Pipeline name.
    pub pipeline: String,
    /// Execution id.
    pub execution: String,
    /// The approval.
    pub approval: Approval,
    /// What speaks for the release, and against it.
    pub evidence: String,
    /// When CodePipeline gives it up.
    pub expires: At,
}

impl Asked {
    /// What there is to say about an approval of a release; nothing where it is not known when it expires.
    pub fn of(release: &Release, approval: &Approval, evidence: String) -> Option<Asked> {
        let run = release.pipeline.as_ref()?;
        release.canary.given.as_ref()?;
        Some(Asked {
            pipeline: run.name.clone(),
            execution: run.execution.clone(),
            approval: approval.clone(),
            evidence,
            expires: release.expires(approval)?,
        })
    }

    pub(super) fn place(&self) -> String {
        let (pipeline, approval) = (&self.pipeline, &self.approval);
        format!("{pipeline}/{}/{}", approval.stage, approval.action)
    }

    /// What somebody with the AWS CLI types. The token is asked for, of this execution alone: whoever only reads the
    /// notice cannot answer, and no other execution is answered by it.
    pub(super) fn command(&self, status: &str) -> String {
        let (stage, action) = (&self.approval.stage, &self.approval.action);
        let Asked {
            pipeline, execution, ..
        } = self;
        let query = format!(
            "stageStates[?stageName=='{stage}' && latestExecution.pipelineExecutionId=='{execution}']\
             .actionStates[]|[?actionName=='{action}'].latestExecution.token|[0]"
        );
        format!(
            "aws codepipeline put-approval-result --pipeline-name {pipeline} --stage-name {stage} --action-name {action} \
             --result 'status={status},summary=by hand' --token \"$(aws codepipeline get-pipeline-state --name {pipeline} \
             --output text --query \"{query}\")\""
        )
    }
}
