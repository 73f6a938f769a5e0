//! The world every measured event meets: a release waits at its approval, its canary runs the bad revision, messages lie
//! in the dead-letter queue. The alarm's event comes from the bench, a moment before the alarm itself would go off.

use bytes::Bytes;
use serde_json::{Value, json};
use simulator::{At, World, wire};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The same chance for every run.
const SEED: u64 = 1;

/// What a function must be told to find its way in the scene.
pub struct Names {
    /// Pipeline with the stages Source, Build, CanaryDeploy, the approval and Deploy.
    pub pipeline: &'static str,
    /// Stage of the manual approval.
    pub approval_stage: &'static str,
    /// ECS cluster.
    pub cluster: &'static str,
    /// Main service.
    pub stable: &'static str,
    /// Canary service.
    pub canary: &'static str,
    /// Alarm on the dead-letter queue.
    pub alarm: &'static str,
    /// The ledger's table.
    pub table: &'static str,
}

/// As the scene names them.
pub const NAMES: Names = Names {
    pipeline: "orders",
    approval_stage: "ManualApproval",
    cluster: "prod",
    stable: "orders",
    canary: "orders-canary",
    alarm: "orders-dlq-depth",
    table: "serin",
};

/// The alarm's event as CloudWatch hands it to a Lambda action.
///
/// # Source
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html>
pub fn alarm_event() -> Bytes {
    let (home, now) = (World::new(SEED).home, wall_clock());
    let event = json!({
        "source": "aws.cloudwatch",
        "alarmArn": format!("arn:aws:cloudwatch:{}:{}:alarm:{}", home.region, home.account, NAMES.alarm),
        "accountId": home.account,
        "time": now.iso_offset(),
        "region": home.region,
        "alarmData": {
            "alarmName": NAMES.alarm,
            "state": {
                "value": "ALARM",
                "reason": "Threshold Crossed: 1 datapoint was greater than the threshold (0.0).",
                "timestamp": now.iso_offset(),
            },
            "previousState": {
                "value": "OK",
                "reason": "Threshold Crossed: 1 datapoint was not greater than the threshold (0.0).",
                "timestamp": At(now.0 - 600_000).iso_offset(),
            },
            "configuration": {
                "description": "Messages the workers gave up on",
                "metrics": [{
                    "id": "depth",
                    "metricStat": {
                        "metric": {
                            "namespace": "AWS/SQS",
                            "name": "ApproximateNumberOfMessagesVisible",
                            "dimensions": { "QueueName": "orders-dlq" },
                        },
                        "period": 60,
                        "stat": "Maximum",
                    },
                    "returnData": true,
                }],
            },
        },
    });
    Bytes::from(event.to_string())
}

/// What decides whether the release was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The canary's task definition, an ARN.
    pub canary: String,
    /// The main service's, likewise.
    pub stable: String,
    /// Status of the approval action.
    pub approval: String,
}

/// A world in which the scene has just been reached, going on with the wall clock.
#[derive(Debug)]
pub struct Scene {
    world: World,
    reached: At,
    began: Instant,
    /// As it was when the scene was reached.
    pub before: Seen,
    /// What the canary ran before the release gave it something else, from ECS's record of that deployment.
    pub baseline: String,
}

impl Scene {
    /// The functions read the wall clock, so the world must show the same: the scene is built once to learn how long it
    /// takes in virtual time, then again from that much earlier.
    pub fn fresh() -> Scene {
        let lead = stage(At::START).now - At::START;
        let mut world = stage(At(wall_clock().0 - i64::try_from(lead.as_millis()).unwrap_or(0)));
        let (reached, began) = (world.now, Instant::now());
        // A scene that does not show what it is about is a mistake of ours, as one that cannot be set.
        let (before, baseline) = match (look(&mut world), baseline(&mut world)) {
            (Ok(before), Ok(baseline)) => (before, baseline),
            (Err(problem), _) | (_, Err(problem)) => panic!("the scene cannot be read: {problem}"),
        };
        Scene {
            world,
            reached,
            began,
            before,
            baseline,
        }
    }

    /// Answers a request at the present moment.
    pub fn answer(&mut self, request: &wire::Request) -> wire::Reply {
        self.world.advance_to(self.reached + self.began.elapsed());
        self.world.answer(request)
    }

    /// How things stand now, as AWS would tell it.
    ///
    /// # Errors
    /// What cannot be read, in words.
    pub fn look(&mut self) -> Result<Seen, String> {
        self.world.advance_to(self.reached + self.began.elapsed());
        look(&mut self.world)
    }
}

fn look(world: &mut World) -> Result<Seen, String> {
    let input = json!({ "cluster": NAMES.cluster, "services": [NAMES.canary, NAMES.stable] });
    let services = ask(world, "ecs", "DescribeServices", input)?;
    let state = ask(
        world,
        "codepipeline",
        "GetPipelineState",
        json!({ "name": NAMES.pipeline }),
    )?;
    let stages = state["stageStates"].as_array().into_iter().flatten();
    let mut approval = stages.filter(|stage| stage["stageName"] == NAMES.approval_stage);
    let approval = approval.next().ok_or("the pipeline shows no approval")?;
    Ok(Seen {
        canary: text(&services, "/services/0/taskDefinition")?,
        stable: text(&services, "/services/1/taskDefinition")?,
        approval: text(approval, "/actionStates/0/latestExecution/status")?,
    })
}

fn baseline(world: &mut World) -> Result<String, String> {
    let canary = json!({ "cluster": NAMES.cluster, "service": NAMES.canary });
    let newest = ask(world, "ecs", "ListServiceDeployments", canary)?;
    let newest = json!({ "serviceDeploymentArns": [text(&newest, "/serviceDeployments/0/serviceDeploymentArn")?] });
    let newest = ask(world, "ecs", "DescribeServiceDeployments", newest)?;
    let source =
        json!({ "serviceRevisionArns": [text(&newest, "/serviceDeployments/0/sourceServiceRevisions/0/arn")?] });
    let source = ask(world, "ecs", "DescribeServiceRevisions", source)?;
    text(&source, "/serviceRevisions/0/taskDefinition")
}

fn ask(world: &mut World, service: &'static str, operation: &str, input: Value) -> Result<Value, String> {
    let reply = world.call("bench", service, operation, input);
    reply.map_err(|refusal| format!("{operation}: {refusal}"))
}

fn text(reply: &Value, pointer: &str) -> Result<String, String> {
    let found = reply.pointer(pointer).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| format!("nothing at {pointer} of {reply}"))
}

/// A scene that cannot be set is a mistake of ours, and there is nothing to measure then.
fn stage(from: At) -> World {
    match stories::fixture::at_approval(from) {
        Ok(world) => world,
        Err(problem) => panic!("the scene cannot be set: {problem}"),
    }
}

fn wall_clock() -> At {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    At(i64::try_from(since.as_millis()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{Scene, look};
    use serde_json::json;

    #[test]
    fn the_scene_is_a_bad_release_that_waits_for_its_approval() {
        let mut scene = Scene::fresh();
        assert_ne!(scene.before.canary, scene.baseline);
        assert_ne!(scene.before.stable, scene.baseline);
        assert_eq!(scene.before.approval, "InProgress");
        assert_eq!(scene.look().as_ref(), Ok(&scene.before));
    }

    #[test]
    fn what_is_done_to_the_services_is_seen() {
        let mut scene = Scene::fresh();
        let input = json!({ "cluster": "prod", "service": "orders-canary", "taskDefinition": scene.baseline });
        let updated = scene.world.call("test", "ecs", "UpdateService", input);
        assert!(updated.is_ok(), "{updated:?}");
        let seen = look(&mut scene.world).expect("readable");
        assert_eq!((seen.canary, seen.stable), (scene.baseline, scene.before.stable));
    }
}
