//! Scenes: accounts with something in them.
//!
//! Row A: two services on one queue, a pipeline Source → Build → CanaryDeploy → ManualApproval → Deploy
//! with the standard ECS deploy actions, and an alarm on the depth of the dead-letter queue.

use crate::balancer::Balancer;
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::stage as services;
use simulator::{Refusal, World, cloudwatch, dynamodb};

/// Name of the ledger's table.
pub const TABLE: &str = "serin";

/// Name of the function that alarms invoke.
pub const ROLLBACK: &str = "serin-rollback";

/// Names of everything that belongs to one policy of row A.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowA {
    /// Policy and stable service.
    pub name: String,
    /// Pipeline; two policies may stand on one.
    pub pipeline: String,
    /// Cluster.
    pub cluster: String,
    /// Canary service.
    pub canary: String,
    /// Alarm on the depth of the dead-letter queue.
    pub alarm: String,
    /// Dead-letter queue.
    pub dlq: String,
}

impl RowA {
    /// The names that go with a policy's name.
    pub fn named(name: &str) -> RowA {
        RowA {
            name: name.to_owned(),
            pipeline: name.to_owned(),
            cluster: "prod".to_owned(),
            canary: format!("{name}-canary"),
            alarm: format!("{name}-dlq-depth"),
            dlq: format!("{name}-dlq"),
        }
    }

    /// The same in another cluster.
    pub fn in_cluster(mut self, cluster: &str) -> RowA {
        self.cluster = cluster.to_owned();
        self
    }

    /// Its policy document.
    pub fn policy(&self) -> Value {
        json!({
            "name": self.name,
            "two_services": {"cluster": self.cluster, "stable": self.name, "canary": self.canary},
            "traffic": {"kind": "consumer_share", "tasks_max": 40},
            "checks": [{"kind": "alarm", "name": self.alarm, "when_stale": "arm_on_recovery", "insufficient_data": "ok"}],
            "pipeline": {"name": self.pipeline},
            "approval": "pipeline",
            "promotion": "pipeline",
            "watch_minutes": 30,
            "on_new_release": "hold",
            "rollback": "allowed",
            "deadline_minutes": 30
        })
    }

    /// Image of a version, by tag.
    pub fn image(&self, version: &str) -> String {
        format!(
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com/{}:{version}",
            self.name
        )
    }

    /// Digest of a version.
    pub fn digest(&self, version: &str) -> String {
        let text: String = format!("{}/{version}", self.name)
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("sha256:{text:0>64}")
    }
}

/// The ledger's table, empty.
pub fn ledger(world: &mut World) {
    dynamodb::stage::ledger_table(world, TABLE);
}

/// Everything of row A under one name, at rest: both services run v1.
///
/// Families, environment and roles of the two services differ, as they do in real accounts.
pub fn row_a(world: &mut World, row: &RowA) {
    row_a_with(world, row, &pipelines::Options::default());
}

/// The same with another pipeline.
pub fn row_a_with(world: &mut World, row: &RowA, options: &pipelines::Options) {
    services(world, row);
    pipeline(world, row, options);
    alarm(world, row);
}

/// Stable and canary of row A, and how many tasks each has.
pub fn tasks(row: &RowA) -> [(&str, i64); 2] {
    [(&row.name, 3), (&row.canary, 1)]
}

/// The two services alone.
pub fn services(world: &mut World, row: &RowA) {
    services_behind(world, row, None);
}

/// The same, where a load balancer forwards to their tasks.
pub fn services_behind(world: &mut World, row: &RowA, balancer: Option<&Balancer>) {
    services::cluster(world, &row.cluster);
    world.ecs.push_image(&row.image("v1"), &row.digest("v1"));
    for (service, tasks) in tasks(row) {
        let definition = definition(world, row, service, "v1");
        let mut extra = breaker();
        if let Some(balancer) = balancer {
            let group = if service == row.canary {
                &balancer.canary
            } else {
                &balancer.stable
            };
            extra["loadBalancers"] = json!([{"targetGroupArn": group, "containerName": "worker", "containerPort": 80}]);
        }
        services::service(world, &row.cluster, service, &definition, tasks, extra);
    }
}

/// What a service of row A runs in a version: its own environment and role.
pub fn definition(world: &mut World, row: &RowA, service: &str, version: &str) -> String {
    let role = |name: String| format!("arn:aws:iam::{}:role/{name}", world.home.account);
    let extra = json!({
        "taskRoleArn": role(format!("tasks/{service}")), "executionRoleArn": role("ecsTaskExecutionRole".to_owned()),
        "containerDefinitions": [{"name": "worker", "environment": [{"name": "SERVICE", "value": service}]}],
    });
    services::task_definition(world, service, &[("worker", &row.image(version))], extra)
}

/// A person creates both services, in a version that need not be there, with all their tasks or none.
///
/// # Errors
/// As ECS refuses.
pub fn create(world: &mut World, person: &str, row: &RowA, version: &str, with_tasks: bool) -> Result<(), Refusal> {
    for (service, tasks) in tasks(row) {
        let mut input = json!({
            "cluster": row.cluster, "serviceName": service, "taskDefinition": definition(world, row, service, version),
            "desiredCount": if with_tasks { tasks } else { 0 }, "launchType": "FARGATE",
            "tags": [{"key": "serin:policy", "value": row.name}],
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
        });
        input["deploymentConfiguration"] = breaker()["deploymentConfiguration"].take();
        world.call(person, "ecs", "CreateService", input)?;
    }
    Ok(())
}

/// The pipeline alone.
pub fn pipeline(world: &mut World, row: &RowA, options: &pipelines::Options) {
    pipelines::queue_worker_pipeline(world, &row.pipeline, &row.cluster, &row.canary, &row.name, options);
}

/// The alarm alone, which invokes our function.
pub fn alarm(world: &mut World, row: &RowA) {
    alarm_for(world, row, ROLLBACK);
}

/// The same, which invokes another function.
pub fn alarm_for(world: &mut World, row: &RowA, function: &str) {
    let action = world.arn("lambda", &format!("function:{function}"));
    cloudwatch::stage::depth_alarm(world, &row.alarm, &row.dlq, 10.0, &[&action]);
}

/// An alarm on the slowest tenth of what the canary behind a load balancer answers: above 3 s in 3 of 4 minutes.
///
/// # Panics
/// Where CloudWatch refuses it.
pub fn slow_alarm(world: &mut World, row: &RowA, balancer: &Balancer) {
    let action = world.arn("lambda", &format!("function:{ROLLBACK}"));
    let [load_balancer, group] = balancer.dimensions();
    let declared = json!({
        "AlarmName": row.alarm, "Namespace": "AWS/ApplicationELB", "MetricName": "TargetResponseTime",
        "Dimensions": [
            {"Name": "LoadBalancer", "Value": load_balancer}, {"Name": "TargetGroup", "Value": group},
        ],
        "ExtendedStatistic": "TM(90%:100%)", "Period": 60, "EvaluationPeriods": 4, "DatapointsToAlarm": 3,
        "Threshold": 3.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
        "AlarmActions": [action],
    });
    let put = world.call("stage", "cloudwatch", "PutMetricAlarm", declared);
    put.unwrap_or_else(|refusal| panic!("{refusal}"));
}

fn breaker() -> Value {
    json!({"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": true}}})
}

/// A further version of the worker, in the repository.
pub fn push(world: &mut World, row: &RowA, version: &str) {
    world.ecs.push_image(&row.image(version), &row.digest(version));
}

/// Starts the pipeline with a version; answers with the execution's id.
pub fn release(world: &mut World, row: &RowA, version: &str) -> String {
    let image = row.image(version);
    pipelines::release(world, &row.pipeline, &[("worker", &image)])
}
