use super::{ORDERS, ask, get, put, refused, stage};
use crate::At;
use crate::world::World;
use serde_json::json;

const ARN: &str = "arn:aws:ssm:eu-central-1:111122223333:parameter/serin/policies/orders";

#[test]
fn a_parameter_is_told_with_its_arn_and_its_newest_version() {
    let mut world = World::new(1);
    stage::put(&mut world, ORDERS, "{}");
    world.advance_to(At::START.plus_seconds(60));
    stage::put(&mut world, ORDERS, r#"{"name":"orders"}"#);
    let reply = get(
        &mut world,
        "GetParameter",
        json!({ "Name": ORDERS, "WithDecryption": true }),
    );
    assert_eq!(
        reply["Parameter"],
        json!({
            "ARN": ARN, "Name": ORDERS, "Type": "String", "Value": r#"{"name":"orders"}"#, "Version": 2,
            "LastModifiedDate": At::START.plus_seconds(60).seconds(), "DataType": "text",
        })
    );
}

#[test]
fn a_parameter_is_found_by_name_by_version_and_by_arn() {
    let mut world = World::new(1);
    stage::put(&mut world, ORDERS, "one");
    stage::put(&mut world, ORDERS, "two");
    stage::put(&mut world, "plain", "three");
    let cases = [
        (ORDERS.to_owned(), "two", None),
        (format!("{ORDERS}:1"), "one", Some(":1")),
        (format!("{ORDERS}:2"), "two", Some(":2")),
        (ARN.to_owned(), "two", None),
        (format!("{ARN}:1"), "one", Some(":1")),
        ("plain".to_owned(), "three", None),
        (
            "arn:aws:ssm:eu-central-1:111122223333:parameter/plain".to_owned(),
            "three",
            None,
        ),
    ];
    for (reference, value, selector) in cases {
        let reply = get(&mut world, "GetParameter", json!({ "Name": reference }));
        assert_eq!(reply["Parameter"]["Value"], value, "{reference}");
        assert_eq!(reply["Parameter"]["Selector"].as_str(), selector, "{reference}");
        assert!(
            !reply["Parameter"]["Name"].as_str().unwrap().contains(':'),
            "{reference}"
        );
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut world = World::new(1);
    stage::put(&mut world, ORDERS, "one");
    let cases = [
        ("/serin/policies/order", "ParameterNotFound"),
        ("/serin/policies", "ParameterNotFound"),
        ("/Serin/policies/orders", "ParameterNotFound"),
        (
            "arn:aws:ssm:eu-central-1:111122223333:parameter//serin/policies/orders",
            "ParameterNotFound",
        ),
        (
            "arn:aws:ssm:eu-central-1:999999999999:parameter/serin/policies/orders",
            "ParameterNotFound",
        ),
        (
            "arn:aws:ssm:us-east-1:111122223333:parameter/serin/policies/orders",
            "ParameterNotFound",
        ),
        ("/serin/policies/order:1", "ParameterNotFound"),
        ("/serin/policies/orders:2", "ParameterVersionNotFound"),
        ("/serin/policies/orders:live", "ParameterVersionNotFound"),
        ("/serin/policies/orders:1:1", "ParameterVersionNotFound"),
    ];
    for (name, code) in cases {
        assert_eq!(
            refused(&mut world, "GetParameter", json!({ "Name": name })).0,
            code,
            "{name}"
        );
    }
}

#[test]
fn a_secret_is_only_told_decrypted() {
    let mut world = World::new(1);
    get(
        &mut world,
        "PutParameter",
        put("/a/secret", "hush", json!({ "Type": "SecureString" })),
    );
    let cases = [
        (json!({}), false),
        (json!({ "WithDecryption": false }), false),
        (json!({ "WithDecryption": true }), true),
    ];
    for (extra, plain) in cases {
        let mut one = json!({ "Name": "/a/secret" });
        let mut many = json!({ "Path": "/a" });
        for (key, value) in extra.as_object().unwrap() {
            one[key] = value.clone();
            many[key] = value.clone();
        }
        let one = get(&mut world, "GetParameter", one)["Parameter"].clone();
        let many = get(&mut world, "GetParametersByPath", many)["Parameters"][0].clone();
        assert_eq!(one["Value"] == "hush", plain, "{extra}");
        assert_eq!(one, many, "{extra}");
    }
}

#[test]
fn what_is_deleted_is_gone_and_begins_again_at_version_1() {
    let mut world = World::new(1);
    stage::put(&mut world, ORDERS, "one");
    stage::put(&mut world, ORDERS, "two");
    get(&mut world, "DeleteParameter", json!({ "Name": ORDERS }));
    for operation in ["GetParameter", "DeleteParameter"] {
        assert_eq!(
            refused(&mut world, operation, json!({ "Name": ORDERS })).0,
            "ParameterNotFound",
            "{operation}"
        );
    }
    assert_eq!(stage::put(&mut world, ORDERS, "three"), 1);
    let earlier = ask(&mut world, "GetParameter", json!({ "Name": format!("{ORDERS}:2") }));
    assert_eq!(earlier.map_err(|refusal| refusal.code), Err("ParameterVersionNotFound"));
}
