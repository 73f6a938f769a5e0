//! What `watch` is told, whole.

use super::*;
use aws::event::{
    ActionEvent, ActionState, DeploymentEvent, DeploymentState, Happening, Operation, ParameterEvent, PipelineEvent,
    PipelineState, ServiceEvent, StageEvent, happened,
};

const EXECUTION: &str = "734e5d0c-15ae-4865-a03b-a4c832adec5e";
const DEPLOYMENT: &str = "ecs-svc/7185866873726808014";

fn account() -> String {
    "111122223333".to_owned()
}

fn region() -> String {
    "eu-central-1".to_owned()
}

fn pipeline(execution: &str, state: PipelineState, at: EpochMillis) -> Happening {
    Happening::Pipeline(PipelineEvent {
        account: account(),
        region: region(),
        pipeline: "orders".to_owned(),
        execution: execution.to_owned(),
        state,
        at,
    })
}

fn stage(stage: &str, state: PipelineState, at: EpochMillis) -> Happening {
    Happening::Stage(StageEvent {
        account: account(),
        region: region(),
        pipeline: "orders".to_owned(),
        execution: EXECUTION.to_owned(),
        stage: stage.to_owned(),
        state,
        at,
    })
}

/// Actions are called like their stages.
fn action(name: &str, category: &str, provider: &str, state: ActionState, at: EpochMillis) -> Happening {
    Happening::Action(ActionEvent {
        account: account(),
        region: region(),
        pipeline: "orders".to_owned(),
        execution: EXECUTION.to_owned(),
        stage: name.to_owned(),
        action: name.to_owned(),
        category: category.to_owned(),
        provider: provider.to_owned(),
        state,
        at,
    })
}

fn deployment(id: &str, name: DeploymentState, reason: &str, at: EpochMillis) -> Happening {
    Happening::Deployment(DeploymentEvent {
        account: account(),
        region: region(),
        cluster: "prod".to_owned(),
        service: "orders-canary".to_owned(),
        deployment: id.to_owned(),
        name,
        reason: reason.to_owned(),
        at,
    })
}

fn service(service: &str, name: &str, at: EpochMillis) -> Happening {
    Happening::ServiceAction(ServiceEvent {
        account: account(),
        region: region(),
        cluster: "prod".to_owned(),
        service: service.to_owned(),
        name: name.to_owned(),
        at,
    })
}

fn parameter(operation: Operation) -> Happening {
    Happening::Parameter(ParameterEvent {
        account: account(),
        region: region(),
        name: "/serin/policies/orders".to_owned(),
        operation,
    })
}

type Row = (&'static str, Happening);

fn pipeline_rows() -> Vec<Row> {
    use PipelineState::{Failed, Started, Stopping, Succeeded, Superseded};
    let (old, previous) = (
        "1c9f0e52-7b64-4d0a-9a3e-5b8c21d7f046",
        "58c2d1aa-60e3-4f3f-b1f7-0d6a3c9e8b15",
    );
    vec![
        ("pipeline-started.json", pipeline(EXECUTION, Started, at(3, 0, 0, 0))),
        (
            "pipeline-succeeded.json",
            pipeline(previous, Succeeded, at(1, 48, 20, 0)),
        ),
        ("pipeline-failed.json", pipeline(EXECUTION, Failed, at(3, 12, 47, 0))),
        (
            "pipeline-stopping.json",
            pipeline(EXECUTION, Stopping, at(3, 12, 46, 0)),
        ),
        ("pipeline-superseded.json", pipeline(old, Superseded, at(3, 0, 4, 0))),
        ("stage-started.json", stage("CanaryDeploy", Started, at(3, 1, 4, 0))),
        ("stage-failed.json", stage("ManualApproval", Failed, at(3, 12, 47, 0))),
    ]
}

fn action_rows() -> Vec<Row> {
    use ActionState::{Abandoned, Failed, Started, Succeeded};
    let deploy = |state, at| action("CanaryDeploy", "Deploy", "ECS", state, at);
    let approval = |state, at| action("ManualApproval", "Approval", "Manual", state, at);
    vec![
        ("deploy-started.json", deploy(Started, at(3, 1, 4, 0))),
        ("deploy-succeeded.json", deploy(Succeeded, at(3, 2, 52, 0))),
        ("deploy-failed.json", deploy(Failed, at(3, 6, 4, 0))),
        ("deploy-abandoned.json", deploy(Abandoned, at(3, 2, 11, 0))),
        ("approval-started.json", approval(Started, at(3, 2, 52, 0))),
        ("approval-succeeded.json", approval(Succeeded, at(3, 11, 2, 0))),
        ("approval-failed.json", approval(Failed, at(3, 12, 47, 0))),
        ("approval-abandoned.json", approval(Abandoned, at(3, 12, 47, 0))),
    ]
}

fn ecs_rows() -> Vec<Row> {
    use DeploymentState::{Completed, Failed, InProgress};
    let (begins, ends) = (
        "ECS deployment ecs-svc/7185866873726808014 in progress.",
        "ECS deployment ecs-svc/7185866873726808014 completed.",
    );
    let (fails, back) = (
        "ECS deployment circuit breaker: tasks failed to start.",
        "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/2860114937750213667.",
    );
    vec![
        (
            "deployment-in-progress.json",
            deployment(DEPLOYMENT, InProgress, begins, at(3, 1, 7, 866)),
        ),
        (
            "deployment-completed.json",
            deployment(DEPLOYMENT, Completed, ends, at(3, 2, 45, 290)),
        ),
        (
            "deployment-failed.json",
            deployment(DEPLOYMENT, Failed, fails, at(3, 5, 57, 914)),
        ),
        (
            "deployment-breaker-rollback.json",
            deployment("ecs-svc/2860114937750213667", InProgress, back, at(3, 5, 58, 730)),
        ),
        (
            "service-steady-state.json",
            service("orders", "SERVICE_STEADY_STATE", at(3, 2, 45, 290)),
        ),
        (
            "service-placement-failure.json",
            service("orders-canary", "SERVICE_TASK_PLACEMENT_FAILURE", at(3, 1, 30, 402)),
        ),
    ]
}

fn ssm_rows() -> Vec<Row> {
    vec![
        ("parameter-create.json", parameter(Operation::Create)),
        ("parameter-update.json", parameter(Operation::Update)),
        ("parameter-delete.json", parameter(Operation::Delete)),
    ]
}

/// What our own actions in a pipeline take.
pub fn is_job(file: &str) -> bool {
    file.starts_with("job-") || file.ends_with("-job.json")
}

/// Every event of EventBridge that `watch` takes, by file name.
pub fn told() -> BTreeMap<String, Value> {
    let all = ["codepipeline", "ecs", "ssm"].into_iter().flat_map(folder);
    all.filter(|(file, _)| !is_job(file)).collect()
}

/// One of them.
pub fn document(file: &str) -> Value {
    told().remove(file).unwrap_or_else(|| panic!("no {file}"))
}

/// One of them with a value put in another's place.
pub fn with(file: &str, pointer: &str, value: impl Into<Value>) -> Value {
    let mut document = document(file);
    *document
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("no {pointer} in {file}")) = value.into();
    document
}

#[test]
fn everything_that_watch_is_told_is_decoded() {
    let documents = told();
    let rows: BTreeMap<&str, Happening> = [pipeline_rows(), action_rows(), ecs_rows(), ssm_rows()]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(
        rows.keys().collect::<Vec<_>>(),
        documents.keys().collect::<Vec<_>>(),
        "each file has a row and each row a file"
    );
    for (file, expected) in rows {
        assert_eq!(happened(&documents[file]), Ok(expected), "{file}");
    }
}

#[test]
fn a_number_may_be_written_in_any_way_or_be_no_number_at_all() {
    for file in ["pipeline-succeeded.json", "stage-started.json", "deploy-failed.json"] {
        let whole = happened(&document(file)).expect(file);
        for number in [json!(6), json!(6.0), json!("6"), json!(null), json!({})] {
            for pointer in ["/detail/version", "/detail/pipeline-execution-attempt"] {
                assert_eq!(
                    happened(&with(file, pointer, number.clone())).as_ref(),
                    Ok(&whole),
                    "{file} {pointer} {number}"
                );
            }
        }
    }
}

#[test]
fn a_state_that_aws_has_not_invented_yet_is_other_and_harmless() {
    let state = "MELT\u{1b}[2J\u{202e}DOWN";
    let ours = || "MELT[2JDOWN".to_owned();
    let decoded = |file: &str, pointer: &str| happened(&with(file, pointer, state)).expect(file);
    assert_eq!(
        decoded("pipeline-started.json", "/detail/state"),
        pipeline(EXECUTION, PipelineState::Other(ours()), at(3, 0, 0, 0))
    );
    assert_eq!(
        decoded("stage-started.json", "/detail/state"),
        stage("CanaryDeploy", PipelineState::Other(ours()), at(3, 1, 4, 0))
    );
    assert_eq!(
        decoded("deploy-started.json", "/detail/state"),
        action(
            "CanaryDeploy",
            "Deploy",
            "ECS",
            ActionState::Other(ours()),
            at(3, 1, 4, 0)
        )
    );
    let Happening::Deployment(event) = decoded("deployment-completed.json", "/detail/eventName") else {
        panic!("a deployment")
    };
    assert_eq!(event.name, DeploymentState::Other(ours()));
    assert_eq!(
        decoded("parameter-update.json", "/detail/operation"),
        parameter(Operation::Other(ours()))
    );
}

#[test]
fn every_state_has_its_own_name() {
    let states = "STARTED RESUMED STOPPING STOPPED SUCCEEDED FAILED CANCELED SUPERSEDED CANCELLED";
    let decoded: Vec<String> = states
        .split(' ')
        .map(
            |state| match happened(&with("pipeline-failed.json", "/detail/state", state)) {
                Ok(Happening::Pipeline(event)) => format!("{state}: {:?}", event.state),
                other => panic!("{other:?}"),
            },
        )
        .collect();
    expect![[r#"
        STARTED: Started
        RESUMED: Resumed
        STOPPING: Stopping
        STOPPED: Stopped
        SUCCEEDED: Succeeded
        FAILED: Failed
        CANCELED: Canceled
        SUPERSEDED: Superseded
        CANCELLED: Other("CANCELLED")"#]]
    .assert_eq(&decoded.join("\n"));
}

#[test]
fn every_partition_of_aws_is_read() {
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        for file in told().keys() {
            let arn = document(file)["resources"][0].as_str().expect("an ARN").to_owned();
            let arn = arn.replacen("arn:aws:", &format!("arn:{partition}:"), 1);
            assert_eq!(
                happened(&with(file, "/resources/0", arn)),
                happened(&document(file)),
                "{file} in {partition}"
            );
        }
    }
}
