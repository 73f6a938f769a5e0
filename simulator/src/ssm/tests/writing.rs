use super::{ORDERS, get, put, refused, stage, value_of};
use crate::world::World;
use serde_json::{Value, json};

#[test]
fn every_put_makes_a_version_and_none_replaces_a_value_unasked() {
    let mut world = World::new(1);
    let first = get(&mut world, "PutParameter", put(ORDERS, "one", json!({})));
    assert_eq!(first, json!({ "Version": 1, "Tier": "Standard" }));
    let (code, message) = refused(&mut world, "PutParameter", put(ORDERS, "two", json!({})));
    assert_eq!(code, "ParameterAlreadyExists");
    assert!(
        message.contains("set the overwrite option in the request to true"),
        "{message}"
    );
    assert_eq!(value_of(&mut world, ORDERS), "one");
    for (version, value) in [(2, "two"), (3, "two")] {
        let reply = get(
            &mut world,
            "PutParameter",
            put(ORDERS, value, json!({ "Overwrite": true })),
        );
        assert_eq!(reply["Version"], version, "the same value makes a version, too");
    }
    assert_eq!(value_of(&mut world, ORDERS), "two");
}

#[test]
fn an_update_needs_no_type_and_may_not_change_it() {
    let mut world = World::new(1);
    let untyped = |overwrite: bool| json!({ "Name": ORDERS, "Value": "a,b", "Overwrite": overwrite });
    let (code, message) = refused(&mut world, "PutParameter", untyped(true));
    assert_eq!(
        (code, message.as_str()),
        (
            "ValidationException",
            "A parameter type is required when you create a parameter."
        )
    );
    get(
        &mut world,
        "PutParameter",
        put(ORDERS, "a", json!({ "Type": "StringList" })),
    );
    get(&mut world, "PutParameter", untyped(true));
    let told = get(&mut world, "GetParameter", json!({ "Name": ORDERS }))["Parameter"].clone();
    assert_eq!((&told["Type"], &told["Value"]), (&json!("StringList"), &json!("a,b")));
    let other = put(ORDERS, "c", json!({ "Overwrite": true, "Type": "SecureString" }));
    assert_eq!(
        refused(&mut world, "PutParameter", other).0,
        "HierarchyTypeMismatchException"
    );
    assert_eq!(value_of(&mut world, ORDERS), "a,b");
}

#[test]
fn values_are_as_large_as_their_tier_allows() {
    let cases = [
        (4096, None, Ok("Standard")),
        (
            4097,
            None,
            Err("Standard tier parameters support a maximum parameter value of 4096 characters."),
        ),
        (
            4097,
            Some("Standard"),
            Err("upgrade the parameter to use the advanced-parameter tier"),
        ),
        (1, Some("Advanced"), Ok("Advanced")),
        (8192, Some("Advanced"), Ok("Advanced")),
        (
            8193,
            Some("Advanced"),
            Err("Advanced tier parameters support a maximum parameter value of 8192 characters."),
        ),
        (4096, Some("Intelligent-Tiering"), Ok("Standard")),
        (4097, Some("Intelligent-Tiering"), Ok("Advanced")),
        (
            8193,
            Some("Intelligent-Tiering"),
            Err("maximum parameter value of 8192 characters"),
        ),
        (0, None, Err("Value '' at 'value' failed to satisfy constraint")),
    ];
    for (size, tier, wanted) in cases {
        let mut world = World::new(1);
        let extra = tier.map_or(json!({}), |tier| json!({ "Tier": tier }));
        let input = put(ORDERS, &"x".repeat(size), extra);
        match wanted {
            Ok(tier) => assert_eq!(get(&mut world, "PutParameter", input)["Tier"], tier, "{size}"),
            Err(text) => {
                let (code, message) = refused(&mut world, "PutParameter", input);
                assert_eq!(code, "ValidationException", "{size} {tier:?}");
                assert!(message.contains(text), "{size} {tier:?}: {message}");
            }
        }
    }
}

#[test]
fn an_advanced_parameter_stays_advanced() {
    let mut world = World::new(1);
    get(
        &mut world,
        "PutParameter",
        put(ORDERS, "one", json!({ "Tier": "Advanced" })),
    );
    for extra in [
        json!({ "Overwrite": true }),
        json!({ "Overwrite": true, "Tier": "Standard" }),
    ] {
        let (code, message) = refused(&mut world, "PutParameter", put(ORDERS, "two", extra));
        assert_eq!(code, "ValidationException");
        assert!(message.contains("can't downgrade"), "{message}");
    }
    let kept = put(
        ORDERS,
        "two",
        json!({ "Overwrite": true, "Tier": "Intelligent-Tiering" }),
    );
    assert_eq!(get(&mut world, "PutParameter", kept)["Tier"], "Advanced");
}

#[test]
fn names_follow_the_rules() {
    let deep = |levels: usize| "/a".repeat(levels);
    let cases: [(&str, Option<&str>); 20] = [
        ("orders", None),
        ("/orders", None),
        ("/serin/policies/or-d_e.rs1", None),
        ("  /spaced  ", None),
        (&deep(15), None),
        (&deep(16), Some("HierarchyLevelLimitExceededException")),
        ("serin/orders", Some("ValidationException")),
        ("/serin//orders", Some("ValidationException")),
        ("/serin/orders/", Some("ValidationException")),
        ("/", Some("ValidationException")),
        ("/serin/or ders", Some("ValidationException")),
        ("/serin/orders:1", Some("ValidationException")),
        ("/serin/größe", Some("ValidationException")),
        (
            "arn:aws:ssm:eu-central-1:111122223333:parameter/x",
            Some("ValidationException"),
        ),
        ("aws-orders", Some("ValidationException")),
        ("AWSorders", Some("ValidationException")),
        ("/ssm", Some("ValidationException")),
        ("/SSM/orders", Some("ValidationException")),
        ("/aws/orders", Some("AccessDeniedException")),
        ("/serin/aws/ssm", None),
    ];
    for (name, wanted) in cases {
        let mut world = World::new(1);
        let input = put(name, "x", json!({}));
        match wanted {
            None => {
                get(&mut world, "PutParameter", input);
                assert_eq!(value_of(&mut world, name.trim()), "x", "{name}");
            }
            Some(code) => assert_eq!(refused(&mut world, "PutParameter", input).0, code, "{name}"),
        }
    }
}

#[test]
fn a_hundred_versions_are_kept() {
    let mut world = World::new(1);
    for version in 1..=101 {
        assert_eq!(stage::put(&mut world, ORDERS, &version.to_string()), version);
    }
    let first = json!({ "Name": format!("{ORDERS}:1") });
    assert_eq!(refused(&mut world, "GetParameter", first).0, "ParameterVersionNotFound");
    assert_eq!(value_of(&mut world, &format!("{ORDERS}:2")), "2");
    assert_eq!(value_of(&mut world, &format!("{ORDERS}:101")), "101");
}

#[test]
fn values_are_held_to_what_is_said_of_them() {
    let cases: [(&str, Value, Option<&str>); 9] = [
        ("17", json!({ "AllowedPattern": "^\\d+$" }), None),
        (
            "x17",
            json!({ "AllowedPattern": "^\\d+$" }),
            Some("ParameterPatternMismatchException"),
        ),
        ("x17", json!({ "AllowedPattern": "" }), None),
        (
            "17",
            json!({ "AllowedPattern": "(" }),
            Some("InvalidAllowedPatternException"),
        ),
        ("{{ssm:other}}", json!({}), Some("ValidationException")),
        ("}} and {{", json!({}), None),
        ("{\"a\":{\"b\":{}}}", json!({}), None),
        (
            "ami-12345",
            json!({ "DataType": "aws:ec2:image" }),
            Some("ValidationException"),
        ),
        ("x", json!({ "Policies": "[]" }), Some("ValidationException")),
    ];
    for (value, extra, wanted) in cases {
        let mut world = World::new(1);
        let input = put(ORDERS, value, extra.clone());
        match wanted {
            None => {
                get(&mut world, "PutParameter", input);
                assert_eq!(value_of(&mut world, ORDERS), value);
            }
            Some(code) => {
                assert_eq!(refused(&mut world, "PutParameter", input).0, code, "{value} {extra}");
                assert!(world.outbox.is_empty(), "{value} {extra}");
            }
        }
    }
}

#[test]
fn tags_are_given_at_birth_only() {
    let mut world = World::new(1);
    let tags = json!([{ "Key": "serin:policy", "Value": "orders" }]);
    get(&mut world, "PutParameter", put(ORDERS, "one", json!({ "Tags": tags })));
    let (code, message) = refused(
        &mut world,
        "PutParameter",
        put(ORDERS, "two", json!({ "Tags": tags, "Overwrite": true })),
    );
    assert_eq!(code, "ValidationException");
    assert!(
        message.contains("tags and overwrite can't be used together"),
        "{message}"
    );
    let arn = get(&mut world, "GetParameter", json!({ "Name": ORDERS }))["Parameter"]["ARN"].clone();
    let kept = world.ssm.tags_of(arn.as_str().unwrap());
    assert_eq!(kept.get("serin:policy").map(String::as_str), Some("orders"));
}
