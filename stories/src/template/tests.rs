//! The reader and the resolver, apart from what is in the template today.

use super::{Resolve, Template, permissions};
use serde_json::{Value, json};

const SMALL: &str = r#"
Parameters:
  Roles: {Type: CommaDelimitedList, Default: ""}
  Days: {Type: Number, Default: 90}
  Topic: {Type: String}
Conditions:
  Named: !Not [!Equals [!Join ["", !Ref Roles], ""]]
  Long: !Equals [!Ref Days, 90]
  Both: !And [!Condition Named, !Condition Long]
  Either: !Or [!Condition Named, !Condition Long]
  Round: !Not [!Condition Round]
Outputs:
  values:
    - !Sub arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/*
    - !Sub ["${a}-${!b}-${Days}", {a: !Ref AWS::StackName}]
    - !Sub ${Table.Arn}/index/*
    - !GetAtt Table.Arn
    - Fn::GetAtt: [Table, Arn]
    - !Ref Table
    - !If [Named, !Ref Roles, [none]]
    - !If [Both, yes, !If [Either, "either", no]]
    - {kept: 1, gone: !Ref AWS::NoValue}
    - Version: 2012-10-17
    - "90"
    - !Join [":", [a, !Ref Days, b]]
    - !Ref Topic
    - !GetAtt Queue.Arn
    - !Select [0, [a]]
    - !Sub ${Missing}
    - !Sub ${open
    - !If [Nowhere, a, b]
    - !If [Round, a, b]
"#;

#[test]
fn each_function_comes_to_its_value_or_says_why_not() {
    let template = Template::read(SMALL).expect("YAML");
    let arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/serin";
    let stack = || Resolve::new(&template).named("Table", "serin", arn);
    let value = |place: usize| stack().value(&template.document["Outputs"]["values"][place]);
    let right = [
        json!("arn:aws:ecs:eu-central-1:111122223333:service/*"),
        json!("serin-${b}-90"),
        json!(format!("{arn}/index/*")),
        json!(arn),
        json!(arn),
        json!("serin"),
        json!(["none"]),
        json!("either"),
        json!({ "kept": 1 }),
        json!({ "Version": "2012-10-17" }),
        json!("90"),
    ];
    for (place, wanted) in right.iter().enumerate() {
        assert_eq!(value(place).as_ref(), Ok(wanted), "value {place}");
    }
    let wrong = [
        "is not understood",
        "!Ref Topic has no value here",
        "!GetAtt Queue.Arn has no value here",
        "Fn::Select",
        "!Ref Missing has no value here",
        "a brace is open",
        "there is no condition Nowhere",
        "never comes to an end",
    ];
    for (place, part) in wrong.iter().enumerate() {
        let refused = value(right.len() + place).expect_err(part);
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let given = stack().given("Roles", json!("arn:one,arn:two"));
    let resolved = given.value(&template.document["Outputs"]["values"][6]);
    assert_eq!(resolved, Ok(json!(["arn:one", "arn:two"])));
}

#[test]
fn what_is_no_template_is_refused_with_its_line() {
    let cases = [
        ("a: &x 1\nb: *x", "line 2: aliases"),
        ("a: 1\na: 2", "line 2: a is there twice"),
        ("a: !!set {}", "is no function"),
        ("a: !GetAtt Table", "names no attribute"),
        ("a: [", ""),
        ("", "there is nothing in it"),
    ];
    for (text, part) in cases {
        let refused = Template::read(text).expect_err(text);
        assert!(refused.contains(part), "{text:?}: {refused}");
    }
}

#[test]
fn the_remarks_of_a_statement_are_its_own() {
    let text = "
Statement:
  # Of the list.
  - Sid: One
    # Why it is so,
    # in two lines.
    Action: '*'
  # Between.
  - Sid: Two
  - Sid: Three
    Action: a # Not a line of its own.
    # At its end.
Other: 1
";
    let template = Template::read(text).expect("YAML");
    let remarks: Vec<String> = (0..3)
        .map(|place| template.remarks(&format!("/Statement/{place}")))
        .collect();
    assert_eq!(remarks, ["Why it is so, in two lines.", "", "At its end."]);
}

#[test]
fn every_role_of_the_template_is_resolved() {
    let roles = permissions::ours();
    let names: Vec<&str> = roles.iter().map(|role| role.resource.as_str()).collect();
    assert_eq!(
        names,
        [
            "Advance",
            "Approve",
            "Open",
            "Promote",
            "Rollback",
            "Watch",
            "Clock",
            "Notices",
            "Start",
            "ImagePushed",
            "Sweep"
        ]
    );
    for role in roles {
        assert!(
            role.told.iter().all(|told| !told.sid.is_empty()),
            "{}: a statement has no Sid",
            role.resource
        );
        let text = format!("{:?}", role.policy);
        assert!(!text.contains("${") && !text.contains("Fn::"), "{text}");
    }
}

#[test]
fn a_policy_that_is_not_understood_is_nobodys() {
    let spoilt = super::TEXT.replacen("\"Null\":", "\"NullOrNot\":", 1);
    let template = Template::read(&spoilt).expect("YAML");
    let refused = permissions::roles(&template, &permissions::stack(&template)).expect_err("spoilt");
    assert!(
        refused.contains("operator NullOrNot is not evaluated here"),
        "{refused}"
    );
    let unresolved = super::TEXT.replacen("!GetAtt Ledger.Arn", "!GetAtt Ledger.StreamArn", 1);
    let template = Template::read(&unresolved).expect("YAML");
    let refused = permissions::roles(&template, &permissions::stack(&template)).map(|_| Value::Null);
    assert!(refused.is_err_and(|refused| refused.contains("Ledger.StreamArn has no value here")));
}
