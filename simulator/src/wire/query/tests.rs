use super::{address, members, read, write};
use crate::model;
use crate::refusal::Refusal;
use serde_json::{Value, json};

fn elb() -> &'static model::Service {
    model::service("elbv2").unwrap()
}

fn wrote(operation: &str, outcome: Result<Value, Refusal>) -> (u16, String) {
    let reply = write(elb(), operation, &outcome, "id-1");
    (reply.status, String::from_utf8(reply.body).unwrap())
}

#[test]
fn what_is_written_as_a_form_is_read_as_it_was() {
    let input = json!({
        "RuleArn": "arn:aws:x/ü&=+ %",
        "Conditions": [],
        "Actions": [
            { "Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
                "UseExistingClientSecret": true, "SessionTimeout": 3600,
                "AuthenticationRequestExtraParams": { "display": "page", "prompt": "login" },
            } },
            { "Type": "forward", "Order": 2, "ForwardConfig": { "TargetGroups": [
                { "TargetGroupArn": "a", "Weight": 999 }, { "TargetGroupArn": "b", "Weight": 0 },
            ] } },
        ],
    });
    let form = members(elb(), "ModifyRule", &input);
    assert_eq!(address(&form), Some(("ModifyRule".to_owned(), "2015-12-01".to_owned())));
    assert_eq!(read(elb(), "ModifyRule", &form), Ok(input));
}

#[test]
fn a_form_is_read_by_its_model() {
    let cases = [
        ("", json!({})),
        ("PageSize=5", json!({ "PageSize": 5 })),
        ("PageSize=five", json!({ "PageSize": "five" })),
        ("PageSize=", json!({ "PageSize": "" })),
        ("Unknown=5", json!({ "Unknown": "5" })),
        ("Unknown.member.1=5", json!({ "Unknown": { "member": { "1": "5" } } })),
        ("RuleArns=", json!({ "RuleArns": [] })),
        ("RuleArns=a", json!({ "RuleArns": "a" })),
        // Numbers count, not letters: 10 comes after 2.
        (
            "RuleArns.member.10=c&RuleArns.member.2=b&RuleArns.member.1=a",
            json!({ "RuleArns": ["a", "b", "c"] }),
        ),
        ("RuleArns.member.x=a", json!({ "RuleArns": { "member": { "x": "a" } } })),
        ("RuleArns.1=a", json!({ "RuleArns": { "1": "a" } })),
        ("PageSize=5&PageSize.x=6", json!({ "PageSize": { "x": "6" } })),
    ];
    for (form, wanted) in cases {
        let body = format!("Action=DescribeRules&Version=2015-12-01&{form}");
        assert_eq!(read(elb(), "DescribeRules", body.as_bytes()), Ok(wanted), "{form}");
    }
    let deep = format!("Action=DescribeRules&{}=1", vec!["a"; 33].join("."));
    let refusal = read(elb(), "DescribeRules", deep.as_bytes()).unwrap_err();
    assert_eq!(refusal.code, "SerializationException");
}

#[test]
fn a_reply_is_wrapped_and_an_empty_list_is_an_empty_element() {
    let reply = json!({ "Rules": [{ "RuleArn": "a<b>&", "IsDefault": true, "Conditions": [] }] });
    let (status, xml) = wrote("DescribeRules", Ok(reply));
    assert_eq!(
        (status, xml.as_str()),
        (
            200,
            "<DescribeRulesResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
             <DescribeRulesResult><Rules><member><Conditions></Conditions><IsDefault>true</IsDefault>\
             <RuleArn>a&lt;b&gt;&amp;</RuleArn></member></Rules></DescribeRulesResult>\
             <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DescribeRulesResponse>"
        )
    );
    let moment = json!({ "LoadBalancers": [{ "CreatedTime": 1_795_230_000.25 }] });
    let (_, xml) = wrote("DescribeLoadBalancers", Ok(moment));
    assert!(
        xml.contains("<CreatedTime>2026-11-21T03:00:00.25Z</CreatedTime>"),
        "{xml}"
    );
}

#[test]
fn an_error_has_the_code_of_the_query_protocol() {
    let cases = [
        ("RuleNotFoundException", 400, "Sender", "RuleNotFound"),
        ("HealthUnavailableException", 500, "Receiver", "HealthUnavailable"),
        ("ValidationException", 400, "Sender", "ValidationError"),
        ("UnknownOperationException", 400, "Sender", "InvalidAction"),
        ("SerializationException", 400, "Sender", "MalformedInput"),
        ("ThrottlingException", 400, "Sender", "Throttling"),
        ("AccessDeniedException", 403, "Sender", "AccessDenied"),
    ];
    for (shape, status, whose, code) in cases {
        let (got, xml) = wrote("ModifyRule", Err(Refusal::new(shape, "no & never")));
        assert_eq!(got, status, "{shape}");
        let wanted = format!(
            "<Error><Type>{whose}</Type><Code>{code}</Code><Message>no &amp; never</Message></Error><RequestId>id-1"
        );
        assert!(xml.contains(&wanted), "{xml}");
    }
}
