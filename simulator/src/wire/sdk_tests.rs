//! The wire against AWS's own Rust SDK: what it sends is read, what is written it reads.

use super::target::Target;
use super::{Reply, Request, refuse};
use crate::Refusal;
use crate::faults::Fault;
use crate::model::{check_error, check_reply, check_request};
use aws_credential_types::Credentials;
use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit, StateValue};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::{Blob, DateTime};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// What the service answers next: a reply, an error, or trouble.
#[derive(Clone, Debug)]
enum Answer {
    Outcome(Result<Value, Refusal>),
    Trouble(Fault),
}

/// A service with one answer, which remembers the request as its `call` would get it.
#[derive(Clone, Debug)]
struct Canned {
    answer: Answer,
    asked: Arc<Mutex<Value>>,
    packed: Arc<Mutex<bool>>,
}

impl Canned {
    fn new(answer: Answer) -> Canned {
        Canned {
            answer,
            asked: Arc::default(),
            packed: Arc::default(),
        }
    }

    fn exchange(&self, request: &Request) -> Reply {
        let target = Target::of(request).unwrap();
        let input = target.read(request).unwrap();
        *self.packed.lock().unwrap() = request.header("content-encoding") == Some("gzip");
        *self.asked.lock().unwrap() = check_request(target.service, &target.operation, &input).unwrap();
        match &self.answer {
            Answer::Trouble(fault) => refuse(request, *fault),
            Answer::Outcome(outcome) => {
                match outcome {
                    Ok(reply) => check_reply(target.service, &target.operation, reply).unwrap(),
                    Err(refusal) => check_error(target.service, &target.operation, refusal).unwrap(),
                }
                target.write(outcome, super::request_id(7))
            }
        }
    }

    fn asked(&self) -> Value {
        self.asked.lock().unwrap().clone()
    }

    fn cloudwatch(&self) -> aws_sdk_cloudwatch::Client {
        aws_sdk_cloudwatch::Client::from_conf(
            aws_sdk_cloudwatch::Config::builder()
                .behavior_version(aws_sdk_cloudwatch::config::BehaviorVersion::latest())
                .region(aws_sdk_cloudwatch::config::Region::from_static("eu-central-1"))
                .credentials_provider(Credentials::from_keys("AKID", "secret", None))
                .retry_config(aws_sdk_cloudwatch::config::retry::RetryConfig::disabled())
                .http_client(self.clone())
                .build(),
        )
    }

    fn elb(&self) -> aws_sdk_elasticloadbalancingv2::Client {
        aws_sdk_elasticloadbalancingv2::Client::from_conf(
            aws_sdk_elasticloadbalancingv2::Config::builder()
                .behavior_version(aws_sdk_elasticloadbalancingv2::config::BehaviorVersion::latest())
                .region(aws_sdk_elasticloadbalancingv2::config::Region::from_static(
                    "eu-central-1",
                ))
                .credentials_provider(Credentials::from_keys("AKID", "secret", None))
                .retry_config(aws_sdk_elasticloadbalancingv2::config::retry::RetryConfig::disabled())
                .http_client(self.clone())
                .build(),
        )
    }

    fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::from_conf(
            aws_sdk_dynamodb::Config::builder()
                .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
                .region(aws_sdk_dynamodb::config::Region::from_static("eu-central-1"))
                .credentials_provider(Credentials::from_keys("AKID", "secret", None))
                .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
                .http_client(self.clone())
                .build(),
        )
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let reply = self.exchange(&Request::from_sdk("AKID", &request));
        let mut response = HttpResponse::new(StatusCode::try_from(reply.status).unwrap(), SdkBody::from(reply.body));
        for (name, value) in reply.headers {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn cloudwatch_doubles_times_and_lists_arrive_as_sent_in_both_directions() {
    let canned = Canned::new(Answer::Outcome(Ok(json!({
        "MetricAlarms": [{
            "AlarmName": "errors", "Threshold": 5, "EvaluationPeriods": 3, "StateValue": "ALARM",
            "StateUpdatedTimestamp": 1_795_230_000.25, "ActionsEnabled": true,
            "AlarmActions": ["arn:aws:lambda:eu-central-1:111122223333:function:rollback"],
        }],
        "NextToken": "more",
    }))));
    let alarms = block_on(
        canned
            .cloudwatch()
            .describe_alarms()
            .alarm_names("errors")
            .max_records(2)
            .send(),
    )
    .unwrap();
    assert_eq!(canned.asked(), json!({ "AlarmNames": ["errors"], "MaxRecords": 2 }));
    let alarm = &alarms.metric_alarms()[0];
    assert_eq!(alarm.threshold(), Some(5.0));
    assert_eq!(alarm.evaluation_periods(), Some(3));
    assert_eq!(alarm.state_value(), Some(&StateValue::Alarm));
    assert_eq!(
        alarm.state_updated_timestamp(),
        Some(&DateTime::from_millis(1_795_230_000_250))
    );
    assert_eq!(alarm.actions_enabled(), Some(true));
    assert_eq!(alarms.next_token(), Some("more"));
}

#[test]
fn metric_data_is_read_plain_and_packed() {
    for (count, packed) in [(1, false), (400, true)] {
        let canned = Canned::new(Answer::Outcome(Ok(json!({}))));
        let datum = MetricDatum::builder()
            .metric_name("Errors")
            .dimensions(Dimension::builder().name("Service").value("web").build())
            .timestamp(DateTime::from_millis(1_795_230_000_250))
            .value(5.0)
            .unit(StandardUnit::Count)
            .build();
        let put = canned
            .cloudwatch()
            .put_metric_data()
            .namespace("Serin")
            .set_metric_data(Some(vec![datum; count]));
        block_on(put.send()).unwrap();
        assert_eq!(*canned.packed.lock().unwrap(), packed);
        let asked = canned.asked();
        let data = asked["MetricData"].as_array().unwrap();
        assert_eq!(data.len(), count);
        assert_eq!(
            data[count - 1],
            json!({
                "MetricName": "Errors", "Dimensions": [{ "Name": "Service", "Value": "web" }],
                "Timestamp": 1_795_230_000.25, "Value": 5.0, "Unit": "Count",
            })
        );
    }
}

#[test]
fn a_cbor_error_is_known_to_the_sdk_as_its_shape() {
    let refusal = Refusal::new("ResourceNotFound", "no such alarm");
    let canned = Canned::new(Answer::Outcome(Err(refusal)));
    let set = canned.cloudwatch().set_alarm_state();
    let set = set.alarm_name("x").state_reason("y").state_value(StateValue::Ok);
    let sent = block_on(set.send()).unwrap_err();
    assert_eq!(sent.raw_response().unwrap().status().as_u16(), 404);
    let error = sent.into_service_error();
    assert!(error.is_resource_not_found(), "{error:?}");
    assert_eq!(error.message(), Some("no such alarm"));
    assert_eq!(error.meta().code(), Some("ResourceNotFound"));
}

#[test]
fn trouble_has_the_codes_by_which_the_sdk_retries() {
    for (fault, status, code) in [
        (Fault::Throttle, 400, "Throttling"),
        (Fault::AccessDenied, 400, "AccessDenied"),
        (Fault::ServerError, 500, "InternalFailure"),
    ] {
        let canned = Canned::new(Answer::Trouble(fault));
        let sent = block_on(canned.cloudwatch().describe_alarms().send()).unwrap_err();
        assert_eq!(sent.raw_response().unwrap().status().as_u16(), status, "{fault:?}");
        assert_eq!(sent.into_service_error().code(), Some(code), "{fault:?}");
    }
}

#[test]
fn dynamodb_values_and_cancellation_reasons_arrive_as_sent() {
    let canned = Canned::new(Answer::Outcome(Ok(json!({
        "Item": { "n": { "N": "5" }, "b": { "B": "AAEC" }, "m": { "M": { "t": { "BOOL": true } } } },
    }))));
    let get = canned.dynamodb().get_item().table_name("serin");
    let got = block_on(get.key("pk", AttributeValue::B(Blob::new([0, 1, 2]))).send()).unwrap();
    assert_eq!(
        canned.asked(),
        json!({ "TableName": "serin", "Key": { "pk": { "B": "AAEC" } } })
    );
    let item = got.item().unwrap();
    assert_eq!(item["n"], AttributeValue::N("5".to_owned()));
    assert_eq!(item["b"], AttributeValue::B(Blob::new([0, 1, 2])));

    let reasons = json!([{ "Code": "None" }, { "Code": "ConditionalCheckFailed", "Message": "no" }]);
    let refusal = Refusal::new("TransactionCanceledException", "cancelled").with("CancellationReasons", reasons);
    let canned = Canned::new(Answer::Outcome(Err(refusal)));
    let item = aws_sdk_dynamodb::types::TransactWriteItem::builder().build();
    let error = block_on(canned.dynamodb().transact_write_items().transact_items(item).send())
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.message(), Some("cancelled"));
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(error) =
        error
    else {
        panic!("{error:?}");
    };
    assert_eq!(error.cancellation_reasons()[1].code(), Some("ConditionalCheckFailed"));
}

#[test]
fn elb_forms_and_xml_arrive_as_sent_in_both_directions() {
    use aws_sdk_elasticloadbalancingv2::types::{
        Action, ActionTypeEnum, AuthenticateOidcActionConfig, ForwardActionConfig, TargetGroupTuple,
    };
    let forward = json!({
        "Type": "forward", "Order": 2, "ForwardConfig": {
            "TargetGroups": [{ "TargetGroupArn": "a", "Weight": 0 }],
            "TargetGroupStickinessConfig": { "Enabled": true, "DurationSeconds": 60 },
        },
    });
    let canned = Canned::new(Answer::Outcome(Ok(json!({
        "Rules": [{ "RuleArn": "r", "Priority": "10", "IsDefault": false, "Conditions": [], "Actions": [forward] }],
    }))));
    let oidc = AuthenticateOidcActionConfig::builder()
        .issuer("https://id.example.com/?a=b&c")
        .authorization_endpoint("a")
        .token_endpoint("t")
        .user_info_endpoint("u")
        .client_id("c")
        .use_existing_client_secret(true)
        .authentication_request_extra_params("display", "page");
    let oidc = Action::builder()
        .r#type(ActionTypeEnum::AuthenticateOidc)
        .order(1)
        .authenticate_oidc_config(oidc.build());
    let group = TargetGroupTuple::builder().target_group_arn("a").weight(0).build();
    let forward = Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .order(2)
        .forward_config(ForwardActionConfig::builder().target_groups(group).build());
    let modify = canned.elb().modify_rule().rule_arn("r");
    let modify = modify.actions(oidc.build()).actions(forward.build());
    let rules = block_on(modify.send()).unwrap();
    assert_eq!(
        canned.asked(),
        json!({ "RuleArn": "r", "Actions": [
            { "Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
                "Issuer": "https://id.example.com/?a=b&c", "AuthorizationEndpoint": "a", "TokenEndpoint": "t",
                "UserInfoEndpoint": "u", "ClientId": "c", "UseExistingClientSecret": true,
                "AuthenticationRequestExtraParams": { "display": "page" },
            } },
            { "Type": "forward", "Order": 2, "ForwardConfig": {
                "TargetGroups": [{ "TargetGroupArn": "a", "Weight": 0 }],
            } },
        ] })
    );
    let rule = &rules.rules()[0];
    assert_eq!((rule.priority(), rule.is_default()), (Some("10"), Some(false)));
    let config = rule.actions()[0].forward_config().unwrap();
    assert_eq!(config.target_groups()[0].weight(), Some(0));
    let sticky = config.target_group_stickiness_config().unwrap();
    assert_eq!((sticky.enabled(), sticky.duration_seconds()), (Some(true), Some(60)));
}

#[test]
fn an_error_in_xml_is_known_to_the_sdk_as_its_shape() {
    let canned = Canned::new(Answer::Outcome(Err(Refusal::new(
        "RuleNotFoundException",
        "none <here>",
    ))));
    let sent = block_on(canned.elb().modify_rule().rule_arn("r").send()).unwrap_err();
    assert_eq!(sent.raw_response().unwrap().status().as_u16(), 400);
    let error = sent.into_service_error();
    assert!(error.is_rule_not_found_exception(), "{error:?}");
    assert_eq!(
        (error.meta().code(), error.meta().message()),
        (Some("RuleNotFound"), Some("none <here>"))
    );

    for (fault, status, code) in [
        (Fault::Throttle, 400, "Throttling"),
        (Fault::AccessDenied, 403, "AccessDenied"),
        (Fault::ServerError, 500, "InternalFailure"),
    ] {
        let canned = Canned::new(Answer::Trouble(fault));
        let sent = block_on(canned.elb().describe_rules().send()).unwrap_err();
        assert_eq!(sent.raw_response().unwrap().status().as_u16(), status, "{fault:?}");
        assert_eq!(sent.into_service_error().code(), Some(code), "{fault:?}");
    }
}
