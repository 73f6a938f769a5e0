//! How the account was left, as AWS itself answers: events can be lost, its own lists are whole.

use super::evidence::{ask, text};
use super::world::World;
use super::{jobs_answered, undone};
use crate::Stage;
use crate::scene::RowA;
use serde_json::json;
use simulator::At;
use simulator::executor::Ended;
use simulator::world::Call;
use std::collections::{BTreeMap, BTreeSet};

/// What there is to be asked in the end.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Whether Serin is deployed, with its clock: then nobody opens or ticks anything by hand.
    pub deployed: bool,
    /// Services that have come to rest, by ARN: all the tasks they are to have, of one deployment.
    pub at_rest: BTreeSet<String>,
    /// Alarms that are OK.
    pub quiet: BTreeSet<String>,
    /// When each alarm went to ALARM.
    pub rang: BTreeMap<String, Vec<At>>,
    /// When ECS began to take back or gave up what a service was given: service ARN and moment.
    pub undone: Vec<(String, At)>,
    /// Digests of images that were deleted from their repository: nothing can go back to those.
    pub gone: BTreeSet<String>,
    /// Action execution of each job of CodePipeline's that we heard of.
    pub job_actions: BTreeMap<String, String>,
}

impl Ending {
    /// Asks the account.
    pub(super) fn of(stage: &Stage, world: &World, calls: &[std::sync::Arc<Call>], ended: &[Ended]) -> Ending {
        let mut ending = Ending::default();
        let clock = json!({"stateMachineArn": crate::whole::clock_arn()});
        ending.deployed = ask(stage, "stepfunctions", "DescribeStateMachine", clock).is_object();
        for row in stage.rows.values() {
            for service in [&row.canary, &row.name] {
                ending.at_rest.extend(at_rest(stage, row, service));
                ending.undone.extend(undone::of(stage, &row.cluster, service));
            }
            let input = json!({"AlarmNames": [row.alarm]});
            let found = ask(stage, "cloudwatch", "DescribeAlarms", input);
            let is_quiet = found["MetricAlarms"][0]["StateValue"] == "OK";
            ending.quiet.extend(is_quiet.then(|| row.alarm.clone()));
            ending.rang.insert(row.alarm.clone(), rang(stage, &row.alarm));
            let gone = world.digests_of(row).into_iter();
            ending.gone.extend(gone.filter(|digest| is_gone(stage, row, digest)));
        }
        for job in jobs_answered::ids(calls, ended) {
            let found = ask(stage, "codepipeline", "GetJobDetails", json!({"jobId": job}));
            let action = &found["jobDetails"]["data"]["pipelineContext"]["action"]["actionExecutionId"];
            // A job that is none of CodePipeline's need not be answered.
            ending
                .job_actions
                .extend(action.as_str().map(|action| (job, action.to_owned())));
        }
        ending
    }
}

/// The service's ARN, if it has come to rest.
fn at_rest(stage: &Stage, row: &RowA, service: &str) -> Option<String> {
    let input = json!({"cluster": row.cluster, "services": [service]});
    let found = ask(stage, "ecs", "DescribeServices", input)["services"][0].clone();
    let deployments = found["deployments"].as_array().map_or(&[][..], Vec::as_slice);
    let steady = found["desiredCount"].as_i64() > Some(0)
        && found["desiredCount"] == found["runningCount"]
        && matches!(deployments, [only] if only["rolloutState"] == "COMPLETED");
    steady.then(|| text(&found["serviceArn"]))
}

/// Transitions of an alarm to ALARM, in order.
fn rang(stage: &Stage, alarm: &str) -> Vec<At> {
    let mut input = json!({"AlarmName": alarm, "HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending"});
    let mut rang = Vec::new();
    loop {
        let reply = ask(stage, "cloudwatch", "DescribeAlarmHistory", input.clone());
        let items = reply["AlarmHistoryItems"].as_array().cloned().unwrap_or_default();
        let to_alarm = items
            .iter()
            .filter(|item| text(&item["HistorySummary"]).ends_with(" to ALARM"));
        rang.extend(to_alarm.map(|item| At::from_seconds(item["Timestamp"].as_f64().unwrap_or_default())));
        if !reply["NextToken"].is_string() {
            return rang;
        }
        input["NextToken"] = reply["NextToken"].clone();
    }
}

/// Told by ECR itself; where there is no repository, nothing was deleted from it.
fn is_gone(stage: &Stage, row: &RowA, digest: &str) -> bool {
    let input = json!({"repositoryName": row.name, "imageIds": [{"imageDigest": digest}]});
    let found = stage.sim.world().call("law", "ecr", "DescribeImages", input);
    found.is_err_and(|refusal| refusal.code == "ImageNotFoundException")
}
