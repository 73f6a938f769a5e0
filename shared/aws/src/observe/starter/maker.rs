//! Who made a task definition: the pipeline's action, or somebody else.
//!
//! # Source
//! Amazon ECS API, `TaskDefinition.registeredBy`: "The principal that registered the task definition." CodePipeline API,
//! `PipelineDeclaration.roleArn`, which is required: the role in which actions are performed that have none of their
//! own; `ActionExecutionInput.roleArn` is that of an action.

use super::{Began, SKEW_MILLIS, actions, deploys, millis, written};
use crate::act::definition::{self, Registered};
use crate::{Clients, Refused};
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{ActionExecutionDetail, ActionExecutionStatus};
use decide::At;

/// How far back a run of the action is looked for, from which its principal is known.
const HISTORY_SECONDS_MAX: i64 = 30 * 86_400;

/// Principals that nobody has by assuming a role, by how the last part of their ARN begins.
///
/// # Source
/// AWS IAM user guide, "IAM identifiers".
const NO_ROLE: [&str; 3] = ["user/", "root", "federated-user/"];

/// Whether a definition that a run of an action may have made is known to be somebody else's.
pub(super) async fn is_somebody_else(
    clients: &Clients,
    pipeline: &str,
    cluster: &str,
    action: &ActionExecutionDetail,
    deployment: Began<'_>,
) -> Result<bool, Refused> {
    let made = definition::registered(&clients.ecs, deployment.task_definition).await?;
    let Some(by) = made.by else { return Ok(false) };
    let role = role(&clients.codepipeline, pipeline, action).await?;
    let known = match is_session_of_another(&by, &role) {
        true => of_a_run(clients, pipeline, cluster, deployment, &role).await?,
        false => None,
    };
    Ok(is_other(&by, &role, known.as_deref()))
}

/// Whether a principal is not that of an action, where it is known who registered what another run of it gave: that
/// shows that its runs do act in the role that is declared for them.
fn is_other(by: &str, role: &str, known: Option<&str>) -> bool {
    has_no_role(by) || is_session_of_another(by, role) && known.is_some_and(|known| is_session_of(known, role))
}

/// Whether a principal acts in no role at all, as no action can.
fn has_no_role(principal: &str) -> bool {
    let mut parts = principal.splitn(6, ':');
    let kind = (parts.next(), parts.nth(1), parts.nth(2));
    matches!(kind, (Some("arn"), Some("iam" | "sts"), Some(name)) if NO_ROLE.iter().any(|kind| name.starts_with(kind)))
}

/// Whether a principal has assumed another role than this one.
fn is_session_of_another(principal: &str, role: &str) -> bool {
    let session = principal.splitn(6, ':').nth(5);
    session.is_some_and(|session| session.starts_with("assumed-role/")) && !is_session_of(principal, role)
}

/// Whether a definition is a copy of ours. The action takes the tags over of what the service runs, and that may be a
/// copy: what is made in the action's role is the action's.
///
/// # Source
/// CodePipeline user guide, "Amazon Elastic Container Service deploy action reference": the service role needs
/// `ecs:TagResource` for what it registers.
pub(super) fn is_our_copy(made: &Registered, role: &str) -> bool {
    made.is_copy && !made.by.as_deref().is_some_and(|by| is_session_of(by, role))
}

/// The role that a run of an action has.
pub(super) async fn role(client: &Client, pipeline: &str, action: &ActionExecutionDetail) -> Result<String, Refused> {
    if let Some(role) = action.input().and_then(|input| input.role_arn()) {
        return Ok(role.to_owned());
    }
    let request = client.get_pipeline().name(pipeline);
    let reply = request.set_version(action.pipeline_version()).send().await;
    let reply = reply.map_err(|error| Refused::from_sdk("GetPipeline", pipeline, &error))?;
    let declared = reply.pipeline().map(|declared| declared.role_arn().to_owned());
    Ok(declared.unwrap_or_default())
}

/// Who registered what the newest run of the pipeline's action that came through gave the service. It wrote something;
/// where several were made meanwhile, which of them cannot be told.
async fn of_a_run(
    clients: &Clients,
    pipeline: &str,
    cluster: &str,
    deployment: Began<'_>,
    role: &str,
) -> Result<Option<String>, Refused> {
    let oldest = deployment.created.millis() - HISTORY_SECONDS_MAX * 1_000;
    let mut token = None;
    loop {
        let page = actions(&clients.codepipeline, pipeline, token).await?;
        for action in page.action_execution_details() {
            let (Some(began), Some(ended)) = (millis(action.start_time()), millis(action.last_update_time())) else {
                continue;
            };
            if began < oldest {
                return Ok(None);
            }
            let through = action.status() == Some(&ActionExecutionStatus::Succeeded);
            if through && deploys(action, cluster, deployment.service) {
                let life = Began {
                    service: deployment.service,
                    task_definition: "",
                    created: At::from_millis(ended + SKEW_MILLIS),
                };
                let mut made = written(clients, cluster, began, life).await?;
                made.retain(|made| !is_our_copy(made, role));
                return Ok(made.pop().filter(|_| made.is_empty()).and_then(|only| only.by));
            }
        }
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// Whether a principal (`arn:aws:sts::…:assumed-role/NAME/SESSION`) has assumed a role (`arn:aws:iam::…:role/PATH/NAME`).
pub(super) fn is_session_of(principal: &str, role: &str) -> bool {
    let (mut principal, mut role) = (principal.splitn(6, ':').skip(4), role.splitn(6, ':').skip(4));
    let accounts = (principal.next(), role.next());
    let mut session = principal.next().unwrap_or_default().split('/');
    let name = role
        .next()
        .and_then(|path| path.strip_prefix("role/")?.rsplit('/').next());
    accounts.0 == accounts.1 && session.next() == Some("assumed-role") && session.next() == name && name.is_some()
}

#[cfg(test)]
mod tests {
    use super::{Registered, is_other, is_our_copy, is_session_of};

    #[test]
    fn a_session_is_known_by_account_and_name_of_its_role() {
        let role = "arn:aws:iam::111122223333:role/pipelines/orders-pipeline";
        let cases = [
            (
                "arn:aws:sts::111122223333:assumed-role/orders-pipeline/1700000000000",
                true,
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/orders-pipeline-2/1700000000000",
                false,
            ),
            (
                "arn:aws:sts::444455556666:assumed-role/orders-pipeline/1700000000000",
                false,
            ),
            ("arn:aws:sts::111122223333:federated-user/orders-pipeline", false),
            ("arn:aws:iam::111122223333:user/orders-pipeline", false),
            ("arn:aws:iam::111122223333:root", false),
            ("", false),
        ];
        for (principal, expected) in cases {
            assert_eq!(is_session_of(principal, role), expected, "{principal}");
        }
        assert!(!is_session_of(
            "arn:aws:sts::111122223333:assumed-role//x",
            "arn:aws:iam::111122223333:role"
        ));
        let china = "arn:aws-cn:iam::111122223333:role/p";
        assert!(is_session_of("arn:aws-cn:sts::111122223333:assumed-role/p/1", china));
    }

    #[test]
    fn what_the_action_makes_of_a_copy_carries_its_tag_and_is_none() {
        let role = "arn:aws:iam::111122223333:role/orders-pipeline";
        let cases = [
            (
                "ours",
                true,
                "arn:aws:sts::111122223333:assumed-role/serin-rollback/serin-rollback",
                true,
            ),
            (
                "the action's, made of ours",
                true,
                "arn:aws:sts::111122223333:assumed-role/orders-pipeline/1",
                false,
            ),
            (
                "the action's",
                false,
                "arn:aws:sts::111122223333:assumed-role/orders-pipeline/1",
                false,
            ),
            ("somebody's", false, "arn:aws:iam::111122223333:user/bob", false),
        ];
        for (case, is_copy, by, expected) in cases {
            let made = Registered {
                millis: Some(0),
                is_copy,
                by: Some(by.to_owned()),
            };
            assert_eq!(is_our_copy(&made, role), expected, "{case}");
        }
    }

    #[test]
    fn a_definition_is_somebody_elses_only_where_nothing_else_can_be() {
        let role = "arn:aws:iam::111122223333:role/orders-pipeline";
        let own = "arn:aws:sts::111122223333:assumed-role/orders-pipeline/1700000000000";
        let earlier = "arn:aws:sts::111122223333:assumed-role/orders-pipeline/1600000000000";
        let admin = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/bob";
        let deployer = "arn:aws:sts::444455556666:assumed-role/orders-pipeline/1700000000000";
        let cases = [
            ("the action's own, and nothing is known", own, None, false),
            ("the action's own", own, Some(earlier), false),
            (
                "the action's own, but another run had another role",
                own,
                Some(admin),
                false,
            ),
            ("a user", "arn:aws:iam::111122223333:user/bob", None, true),
            (
                "a user on a path",
                "arn:aws:iam::111122223333:user/ops/bob",
                Some(earlier),
                true,
            ),
            ("the root user", "arn:aws:iam::111122223333:root", None, true),
            (
                "a federated user",
                "arn:aws:sts::111122223333:federated-user/bob",
                None,
                true,
            ),
            (
                "in another role, as the action may be for all we know",
                admin,
                None,
                false,
            ),
            (
                "in another role, and the action's runs act in their own",
                admin,
                Some(earlier),
                true,
            ),
            ("in another role, as the run before", admin, Some(admin), false),
            (
                "in another role, the pipeline's has been another meanwhile",
                admin,
                Some(deployer),
                false,
            ),
            ("a role of that name in another account", deployer, Some(earlier), true),
            (
                "a role itself",
                "arn:aws:iam::111122223333:role/orders-pipeline",
                Some(earlier),
                false,
            ),
            ("a service", "ecs.amazonaws.com", Some(earlier), false),
            ("a user of no account of AWS's", "user/bob", None, false),
            ("nothing", "", None, false),
        ];
        for (case, by, known, expected) in cases {
            assert_eq!(is_other(by, role, known), expected, "{case}");
        }
    }
}
