//! What people are told by themselves, without asking: plain text with a subject.

use crate::{Approval, At, Policy, Release, short, token_mark};
use std::fmt;

/// Longest subject of a message, in characters; Amazon SNS API, `Publish.Subject`.
const SUBJECT_MAX: usize = 100;

/// Something that people are told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It has baked, and a person has to let it go on.
    ApprovalNeeded(Asked),
    /// Nobody has answered yet, and there is not much time left.
    ApprovalExpires(Asked),
}

/// A manual approval that waits for a person, and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Policy name.
    pub policy: String,
    /// Release id.
    pub release: String,
    /// `family:revision` that the canary runs.
    pub revision: String,
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
    pub fn of(policy: &Policy, release: &Release, approval: &Approval, evidence: String) -> Option<Asked> {
        let run = release.pipeline.as_ref()?;
        Some(Asked {
            policy: policy.name.clone(),
            release: release.id.clone(),
            revision: short(&release.canary.given.as_ref()?.task_definition).to_owned(),
            pipeline: run.name.clone(),
            execution: run.execution.clone(),
            approval: approval.clone(),
            evidence,
            expires: release.expires(approval)?,
        })
    }

    fn place(&self) -> String {
        let (pipeline, approval) = (&self.pipeline, &self.approval);
        format!("{pipeline}/{}/{}", approval.stage, approval.action)
    }

    /// What somebody with the AWS CLI types. The token is asked for, of this execution alone: whoever only reads the
    /// notice cannot answer, and no other execution is answered by it.
    fn command(&self, status: &str) -> String {
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

impl Notice {
    /// By which it is told once, and no more: the same notice of the same approval has the same key.
    pub fn key(&self) -> String {
        let (kind, asked) = match self {
            Notice::ApprovalNeeded(asked) => ("needed", asked),
            Notice::ApprovalExpires(asked) => ("expires", asked),
        };
        format!("{kind}-{}", token_mark(&asked.approval.token))
    }

    /// One line of printable ASCII, as Amazon SNS wants it.
    pub fn subject(&self) -> String {
        let text = match self {
            Notice::ApprovalNeeded(asked) => format!("{}: approval needed for {}", asked.policy, asked.revision),
            Notice::ApprovalExpires(asked) => {
                format!(
                    "{}: approval of {} expires at {}",
                    asked.policy, asked.revision, asked.expires
                )
            }
        };
        let printable = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
        printable.take(SUBJECT_MAX).collect()
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Notice::ApprovalNeeded(asked) | Notice::ApprovalExpires(asked)) = self;
        let place = asked.place();
        let head = match self {
            Notice::ApprovalNeeded(_) => format!("{place} waits for a person."),
            Notice::ApprovalExpires(_) => format!("{place} still waits for a person, and not for much longer."),
        };
        writeln!(f, "{head}\n")?;
        writeln!(f, "Release:   {} of policy {}", asked.release, asked.policy)?;
        writeln!(f, "Revision:  {}", asked.revision)?;
        writeln!(f, "Execution: {}", asked.execution)?;
        writeln!(f, "Expires:   {}; then the release is rolled back", asked.expires)?;
        writeln!(f, "Evidence:  {}\n", asked.evidence)?;
        writeln!(f, "To let it go on:\n{}\n", asked.command("Approved"))?;
        writeln!(f, "To have it rolled back:\n{}", asked.command("Rejected"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Notice, SUBJECT_MAX};
    use crate::At;
    use crate::testing::{approval, at, gated, policy};

    fn asked() -> Asked {
        let approval = crate::Approval {
            asks_minutes: Some(10_080),
            ..approval()
        };
        Asked::of(&policy(), &gated(), &approval, "no check failed".to_owned()).unwrap()
    }

    #[test]
    fn a_notice_says_all_that_a_person_needs_and_never_the_token() {
        for notice in [Notice::ApprovalNeeded(asked()), Notice::ApprovalExpires(asked())] {
            let text = notice.to_string();
            for wanted in [
                "orders/Gate/Ok",
                "orders-1a2b3c4d",
                "orders-canary:2",
                "no check failed",
                "1a2b3c4d-0000-4000-8000-000000000000",
                "status=Approved",
                "status=Rejected",
                &asked().expires.to_string(),
            ] {
                assert!(text.contains(wanted), "{wanted}: {text}");
            }
            let said = format!("{text}{}{notice:?}", notice.subject());
            assert!(!said.contains(&approval().token), "{said}");
        }
    }

    #[test]
    fn a_subject_is_one_short_line_of_ascii() {
        let mut long = asked();
        long.policy = format!("größe\n{}", "x".repeat(200));
        let subject = Notice::ApprovalNeeded(long).subject();
        assert_eq!(subject.chars().count(), SUBJECT_MAX);
        assert!(subject.starts_with("grex"), "{subject}");
    }

    #[test]
    fn an_approval_that_does_not_ask_serin_has_no_end_that_is_known() {
        assert_eq!(Asked::of(&policy(), &gated(), &approval(), String::new()), None);
        assert_eq!(asked().expires, At::from_millis(at(20).millis() + 7 * 24 * 3_600_000));
    }

    #[test]
    fn each_notice_of_each_request_is_another() {
        let mut other = asked();
        other.approval.token = "deadbeef-1111-4222-8333-444455556666".to_owned();
        let keys = [
            Notice::ApprovalNeeded(asked()),
            Notice::ApprovalExpires(asked()),
            Notice::ApprovalNeeded(other),
        ]
        .map(|notice| notice.key());
        assert_eq!(keys, ["needed-c0ffee00", "expires-c0ffee00", "needed-deadbeef"]);
    }
}
