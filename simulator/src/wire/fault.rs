//! How errors look on the wire, and what a service in trouble says.

use super::target::Target;
use super::{Reply, Request, json, request_id};
use crate::faults::Fault;
use crate::model::Service;
use crate::refusal::Refusal;
use serde_json::{Map, Value};

/// The reply of a service that is in trouble.
///
/// `HangBefore` and `HangAfter` have no reply; asked for one all the same, this is a 500.
pub fn refuse(request: &Request, fault: Fault) -> Reply {
    match Target::of(request) {
        // These requests leave no trace in the log, hence no number of their own.
        Ok(target) => target.write(&Err(trouble(request, &target, fault)), request_id(0)),
        Err(refusal) => json::unreadable(&refusal),
    }
}

fn trouble(request: &Request, target: &Target, fault: Fault) -> Refusal {
    let (service, operation) = (target.service, &target.operation);
    match (fault, service) {
        // What meets callers of DynamoDB is the limit of the table; its control plane has the account's.
        (Fault::Throttle, "dynamodb") if !matches!(operation.as_str(), "CreateTable" | "DescribeTable") => {
            Refusal::new(
                "ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded. \
             Consider increasing your provisioning level with the UpdateTable API.",
            )
        }
        (Fault::Throttle, "sqs") => Refusal::new("RequestThrottled", "Request is throttled."),
        (Fault::Throttle, _) => Refusal::throttled(),
        (Fault::AccessDenied, _) => {
            let caller = &request.caller;
            Refusal::new(
                "AccessDeniedException",
                format!(
                    "User: arn:aws:sts::111122223333:assumed-role/{caller}/{caller} is not authorized to perform: \
                     {service}:{operation} on resource: * because no identity-based policy allows the \
                     {service}:{operation} action"
                ),
            )
        }
        (_, "dynamodb") => Refusal::new("InternalServerError", "Internal server error").status(500),
        (_, "ssm") => Refusal::new("InternalServerError", "An error occurred on the server side.").status(500),
        (_, "ecr") => Refusal::new(
            "ServerException",
            "These errors are usually caused by a server-side issue.",
        )
        .status(500),
        (_, "application-autoscaling") => {
            Refusal::new("InternalServiceException", "The service encountered an internal error.").status(500)
        }
        (_, "ecs") => Refusal::new("ServerException", "Service Unavailable. Please try again later.").status(500),
        (_, "cloudwatch") if lists(target, "InternalServiceFault") => {
            Refusal::new("InternalServiceFault", "Internal service error").status(500)
        }
        _ => Refusal::new("InternalFailure", "The request processing has failed").status(500),
    }
}

fn lists(target: &Target, error: &str) -> bool {
    let shapes = target.model.operations.get(&target.operation);
    shapes.is_some_and(|shapes| shapes.errors.iter().any(|listed| listed == error))
}

/// The model's status where it has one, else the refusal's own.
pub(super) fn error_status(model: &Service, refusal: &Refusal) -> u16 {
    match model.error(refusal.code) {
        Some(shape) => shape.status.unwrap_or(if shape.fault { 500 } else { 400 }),
        None => refusal.status,
    }
}

/// The error's members, its text under the name that its shape has for it.
pub(super) fn error_members(model: &Service, refusal: &Refusal) -> Map<String, Value> {
    let mut members = refusal.fields.clone();
    let capital = model
        .error(refusal.code)
        .is_some_and(|shape| shape.members.contains_key("Message"));
    let name = if capital { "Message" } else { "message" };
    members.insert(name.to_owned(), Value::String(refusal.message.clone()));
    members
}

/// The header with which services that once spoke the query protocol keep its error codes alive.
///
/// See "AWS query compatible" in the Smithy specification, `aws.protocols#awsQueryCompatible`.
pub(super) fn query_error(model: &Service, refusal: &Refusal) -> Option<(&'static str, String)> {
    if !model.query_compatible {
        return None;
    }
    let code = query_code(model, refusal);
    let whose = if error_status(model, refusal) >= 500 {
        "Receiver"
    } else {
        "Sender"
    };
    Some(("x-amzn-query-error", format!("{code};{whose}")))
}

/// The error's code in the query protocol: as modelled, or one of the common ones whose names differ there.
pub(super) fn query_code<'a>(model: &'a Service, refusal: &Refusal) -> &'a str {
    let modelled = model.error(refusal.code).and_then(|shape| shape.code.as_deref());
    match refusal.code {
        code if modelled.is_some() => modelled.unwrap_or(code),
        "ThrottlingException" => "Throttling",
        "AccessDeniedException" => "AccessDenied",
        "InvalidParameterValueException" => "InvalidParameterValue",
        "MissingRequiredParameterException" => "MissingParameter",
        code => code,
    }
}

/// The error's name. ECS, CodePipeline, SSM and ECR give it bare, others with a namespace that SDKs must cut off.
pub(super) fn error_type(model: &Service, code: &str) -> String {
    match (model.service.as_str(), model.error(code).is_some()) {
        ("dynamodb", true) => format!("com.amazonaws.dynamodb.v20120810#{code}"),
        ("cloudwatch", true) => format!("com.amazonaws.cloudwatch#{code}"),
        ("sqs", true) => format!("com.amazonaws.sqs#{code}"),
        ("dynamodb" | "cloudwatch" | "sqs", false) => format!("com.amazon.coral.service#{code}"),
        _ => code.to_owned(),
    }
}
