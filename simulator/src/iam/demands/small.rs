//! Services of which little is served: Parameter Store, ECR, Step Functions, SQS, Application Auto Scaling, Elastic Load
//! Balancing.

use super::{ANY, Demand, text};
use crate::world::World;
use serde_json::Value;

/// The name's first slash and the one behind `parameter` are one. A path keeps its last slash, as denials of
/// `GetParametersByPath` show it (terraform-aws-control_tower_account_factory#174).
pub(super) fn ssm(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let name = match operation {
        "DeleteParameter" | "GetParameter" | "PutParameter" => text(input, "Name"),
        "GetParametersByPath" => text(input, "Path"),
        _ => return None,
    };
    let arn = match name.strip_prefix("arn:") {
        // `…:parameter/name:3`: version or label come after the name.
        Some(rest) => format!("arn:{}", rest.splitn(6, ':').take(5).collect::<Vec<_>>().join(":")),
        None => {
            let name = name.split(':').next().unwrap_or_default();
            world.arn("ssm", &format!("parameter/{}", name.strip_prefix('/').unwrap_or(name)))
        }
    };
    Some(vec![Demand::new(format!("ssm:{operation}"), arn)])
}

pub(super) fn ecr(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    if !["BatchGetImage", "DescribeImages"].contains(&operation) {
        return None;
    }
    let account = match text(input, "registryId") {
        "" => &world.home.account,
        registry => registry,
    };
    let (region, repository) = (&world.home.region, text(input, "repositoryName"));
    let arn = format!("arn:aws:ecr:{region}:{account}:repository/{repository}");
    Some(vec![Demand::new(format!("ecr:{operation}"), arn)])
}

pub(super) fn stepfunctions(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let resource = match operation {
        "CreateStateMachine" => world.arn("states", &format!("stateMachine:{}", text(input, "name"))),
        "DescribeStateMachine" | "ListExecutions" | "StartExecution" => text(input, "stateMachineArn").to_owned(),
        "DescribeExecution" | "GetExecutionHistory" | "StopExecution" => text(input, "executionArn").to_owned(),
        _ => return None,
    };
    let demand = Demand::new(format!("states:{operation}"), resource);
    let pass = (operation == "CreateStateMachine")
        .then(|| Demand::pass_role(world, text(input, "roleArn"), "states.amazonaws.com"));
    Some([demand].into_iter().chain(pass).collect())
}

/// Queues are named by their address, or by name; listing them is about no queue in particular.
///
/// # Source
/// Service Authorization Reference, "Actions, resources, and condition keys for Amazon SQS".
pub(super) fn sqs(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let name = match operation {
        "ListQueues" => return Some(vec![Demand::new("sqs:ListQueues", "*".to_owned())]),
        "CreateQueue" | "GetQueueUrl" => text(input, "QueueName"),
        "ChangeMessageVisibility"
        | "DeleteMessage"
        | "GetQueueAttributes"
        | "ListDeadLetterSourceQueues"
        | "PurgeQueue"
        | "ReceiveMessage"
        | "SendMessage"
        | "SetQueueAttributes" => text(input, "QueueUrl").rsplit('/').next().unwrap_or_default(),
        _ => return None,
    };
    Some(vec![Demand::new(format!("sqs:{operation}"), world.arn("sqs", name))])
}

/// Describing is about no target in particular.
///
/// # Source
/// Service Authorization Reference, "Actions, resources, and condition keys for AWS Application Auto Scaling".
pub(super) fn autoscaling(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let action = format!("application-autoscaling:{operation}");
    match operation {
        "DescribeScalableTargets" => Some(vec![Demand::new(action, "*".to_owned())]),
        "RegisterScalableTarget" => {
            let arn = crate::autoscaling::arn(world, text(input, "ResourceId"));
            let demand = Demand::new(action, arn)
                .with(
                    "application-autoscaling:service-namespace",
                    text(input, "ServiceNamespace"),
                )
                .with(
                    "application-autoscaling:scalable-dimension",
                    text(input, "ScalableDimension"),
                );
            Some(vec![demand])
        }
        _ => None,
    }
}

/// What is read is about nothing in particular; a rule, or a listener, is changed whatever groups its actions name.
///
/// # Source
/// Service Authorization Reference, "Actions, resources, and condition keys for AWS Elastic Load Balancing V2".
pub(super) fn elb(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let action = format!("elasticloadbalancing:{operation}");
    let arn = match operation {
        "DescribeListeners"
        | "DescribeLoadBalancers"
        | "DescribeRules"
        | "DescribeTags"
        | "DescribeTargetGroupAttributes"
        | "DescribeTargetGroups"
        | "DescribeTargetHealth" => return Some(vec![Demand::new(action, ANY)]),
        "ModifyListener" => text(input, "ListenerArn"),
        "ModifyRule" => text(input, "RuleArn"),
        _ => return None,
    };
    let tags = world.elb.tags_of(arn).into_iter();
    let demand = tags.fold(Demand::new(action, arn), |demand, (key, value)| {
        demand
            .with(format!("aws:ResourceTag/{key}"), &value)
            .with(format!("elasticloadbalancing:ResourceTag/{key}"), value)
    });
    Some([demand].into_iter().chain(sign_ins(world, input)).collect())
}

/// Whoever sets an action that signs people in by Cognito must be allowed to look at the pool's client.
///
/// # Source
/// Elastic Load Balancing, Application Load Balancers, "Authenticate users", which names no resource; Service Authorization
/// Reference, "Amazon Cognito user pools": DescribeUserPoolClient is authorised on the pool. What the AWS Load Balancer
/// Controller is granted for its rules has it as well.
fn sign_ins(world: &World, input: &Value) -> Vec<Demand> {
    let lists = ["Actions", "DefaultActions"].into_iter();
    let actions = lists.flat_map(|list| input[list].as_array().into_iter().flatten());
    let pools = actions.filter_map(|action| action["AuthenticateCognitoConfig"]["UserPoolArn"].as_str());
    let demand = |pool: &str| {
        let demand = Demand::new("cognito-idp:DescribeUserPoolClient", pool);
        let tags = world.elb.tags_of(pool).into_iter();
        tags.fold(demand, |demand, (key, value)| {
            demand.with(format!("aws:ResourceTag/{key}"), value)
        })
    };
    pools.map(demand).collect()
}
