//! The schema and the reader say the same of every document that a schema can speak of.
//!
//! The documents come from the schema itself: each node's bounds, one inside and one outside of them.

use super::schema::schema;
use super::{Policy, Tier};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every field written, so that every node of the schema has a place in one of them; of each list one item, so that no
/// item can be wrong beside another, of which a schema knows nothing. So there is one document for each kind of check.
fn full() -> Vec<Value> {
    let mut document: Value = serde_json::from_str(include_str!("../../../../policy/examples/strict.json")).unwrap();
    let checks = document["checks"].as_array().unwrap().clone();
    for value in document.as_object_mut().unwrap().values_mut() {
        if let Some(items) = value.as_array_mut() {
            items.truncate(1);
        }
    }
    // A schema knows nothing of one number beside another.
    document["deadline_minutes"] = json!(1_440);
    let behind_a_load_balancer: Value =
        serde_json::from_str(include_str!("../../../../policy/examples/balanced.json")).unwrap();
    let mut others = Vec::new();
    for field in ["resting_share_permille", "linear"] {
        let mut other = document.clone();
        other["traffic"] = behind_a_load_balancer["traffic"].clone();
        other.as_object_mut().unwrap().remove("steps");
        if field == "linear" {
            // The smallest steps to the largest share: each bound alone is then right beside the others.
            other["linear"] = json!({"step_permille": 10, "every_minutes": 1, "until_permille": 1_000});
            other["traffic"]
                .as_object_mut()
                .unwrap()
                .remove("resting_share_permille");
        }
        others.push(other);
    }
    // A push stands beside no pipeline.
    let mut on_push = document.clone();
    on_push.as_object_mut().unwrap().remove("pipeline");
    for (field, value) in [("approval", "automatic"), ("promotion", "roll_stable")] {
        on_push[field] = json!(value);
    }
    on_push["starts_on_push"] = json!({"repository": "orders", "tag_pattern": "v*"});
    others.push(on_push);
    others.push(swapped());
    let kinds: BTreeSet<&str> = checks.iter().filter_map(|check| check["kind"].as_str()).collect();
    let first = |kind: &&str| checks.iter().find(|check| check["kind"] == **kind).unwrap();
    let with = |check: &Value| {
        let mut document = document.clone();
        document["checks"][0] = check.clone();
        document
    };
    kinds.iter().map(first).map(with).chain(others).collect()
}

/// Of a swap there is more to be said than a schema can.
fn swapped() -> Value {
    serde_json::from_str(include_str!("../../../../policy/examples/swapped.json")).unwrap()
}

/// The full document that has this place, or else one in which something could stand there.
fn with_place(pointer: &str) -> Value {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut all = full();
    let has = |document: &Value, pointer: &str| document.pointer(pointer).is_some();
    let place = all.iter().position(|document| has(document, pointer));
    let place = place.or_else(|| all.iter().position(|document| has(document, parent)));
    all.swap_remove(place.unwrap_or_else(|| panic!("no place for {pointer}")))
}

/// Where in a document, as a JSON pointer, and what the schema says of that place.
fn nodes(pointer: &str, node: &Value, all: &mut Vec<(String, Value)>) {
    for variant in node["oneOf"].as_array().into_iter().flatten() {
        nodes(pointer, variant, all);
    }
    for (name, below) in node["properties"].as_object().into_iter().flatten() {
        nodes(&format!("{pointer}/{name}"), below, all);
    }
    if node["items"].is_object() {
        nodes(&format!("{pointer}/0"), &node["items"], all);
    }
    all.push((pointer.to_owned(), node.clone()));
}

/// Every place of a document that has one item in each list.
fn places(pointer: &str, value: &Value, all: &mut BTreeSet<String>) {
    for (name, below) in value.as_object().into_iter().flatten() {
        places(&format!("{pointer}/{name}"), below, all);
    }
    if let Some(only) = value.get(0) {
        places(&format!("{pointer}/0"), only, all);
    }
    all.insert(pointer.to_owned());
}

/// The document with another value at a place; no value takes the member away.
fn put(pointer: &str, value: Option<Value>) -> Value {
    let mut document = match pointer == "/promotion" && value == Some(json!("swap")) {
        true => swapped(),
        false => with_place(pointer),
    };
    if pointer == "/retire" && value.is_none() {
        document["promotion"] = json!("roll_stable");
    }
    match (pointer.rsplit_once('/'), value) {
        (None, value) => return value.unwrap(),
        (Some((parent, last)), None) => {
            let members = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            assert!(members.remove(last).is_some(), "{pointer}");
        }
        (Some((parent, last)), Some(value)) => match document.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.insert(last.to_owned(), value)),
            Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
            other => panic!("{pointer}: {other}"),
        },
    }
    document
}

/// Documents that differ from the full one at this place, and whether they should be accepted where the node says so
/// plainly.
fn around(pointer: &str, node: &Value) -> Vec<(Value, Option<bool>)> {
    let at = |value: Value, accepted: Option<bool>| (put(pointer, Some(value)), accepted);
    let any = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(30.0),
        json!(3e1),
        json!(1e300),
        json!(u64::MAX),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"kind": "vibes"}),
    ];
    let mut all: Vec<_> = any.into_iter().map(|value| at(value, None)).collect();
    all.extend(texts().into_iter().map(|text| at(json!(text), None)));
    for (bound, outside) in [("minimum", -1), ("maximum", 1)] {
        if let Some(bound) = node[bound].as_i64() {
            all.push(at(json!(bound), Some(true)));
            all.push(at(json!(bound + outside), Some(false)));
        }
    }
    for name in node["enum"].as_array().into_iter().flatten() {
        all.push(at(name.clone(), Some(true)));
        all.push(at(json!(format!("{}s", name.as_str().unwrap())), Some(false)));
    }
    if let Some(name) = node["const"].as_str() {
        // Of another kind than the document there is, other fields may be asked for.
        let is_there = with_place(pointer).pointer(pointer) == Some(&json!(name));
        all.push(at(json!(name), is_there.then_some(true)));
    }
    let items = |count: u64| Value::Array((0..count).map(|index| item(pointer, index)).collect());
    for (bound, outside) in [("minItems", -1), ("maxItems", 1)] {
        if let Some(bound) = node[bound].as_i64() {
            all.push(at(items(bound.unsigned_abs()), Some(true)));
            all.push(at(items((bound + outside).unsigned_abs()), Some(false)));
        }
    }
    if node["items"]["type"] == "string" {
        all.push(at(json!([item(pointer, 1), item(pointer, 1)]), Some(false)));
    }
    for (name, _) in node["properties"].as_object().into_iter().flatten() {
        let needed = node["required"].as_array().unwrap().contains(&json!(name));
        all.push((put(&format!("{pointer}/{name}"), None), Some(!needed)));
    }
    if node["additionalProperties"] == false {
        all.push((put(&format!("{pointer}/surprise"), Some(json!(1))), Some(false)));
    }
    all
}

/// The item that stands at an index of a list that is right.
fn item(pointer: &str, index: u64) -> Value {
    match pointer {
        "/steps" => json!({"share_permille": 10 + index, "bake_minutes": index}),
        "/checks" => {
            json!({"kind": "alarm", "name": format!("a{index}"), "when_stale": "block", "insufficient_data": "ok"})
        }
        "/freeze" => json!({"cron": format!("{index} 3 * * *"), "minutes": 1, "time_zone": "UTC"}),
        "/images_from" => json!(format!("123456789012.dkr.ecr.eu-central-1.amazonaws.com/o{index}")),
        "/checks/0/metric/dimensions" | "/checks/0/metric/metrics/0/dimensions" => {
            json!({"name": format!("d{index}"), "value": "v"})
        }
        "/checks/0/metric/metrics" => {
            json!({"id": format!("m{index}"), "namespace": "n", "name": "m", "statistic": "Sum"})
        }
        other => panic!("no items are known for {other}"),
    }
}

/// Texts on both sides of every form's edges.
fn texts() -> Vec<String> {
    let lengths = [31, 32, 33, 79, 80, 81, 99, 100, 101, 254, 255, 256, 257, 319, 320, 321];
    let repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/";
    let mut all: Vec<String> = lengths.map(|length| "a".repeat(length)).to_vec();
    all.extend(lengths.map(|length| "ä".repeat(length)));
    all.extend([272, 273].map(|length| format!("{repository}{}", "a".repeat(length))));
    let hosts = [
        "12345678901.dkr.ecr.eu-central-1.amazonaws.com",
        "1234567890123.dkr.ecr.eu-central-1.amazonaws.com",
        "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
        "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
        "123456789012.dkr-ecr.eu-west-3.on.aws",
        "123456789012.dkr-ecr.eu-west-3.amazonaws.com",
        "123456789012.dkr.ecr.eu.amazonaws.com",
        "123456789012xdkr.ecr.eu-west-3.amazonaws.com",
        "ghcr.io",
    ];
    all.extend(hosts.map(|host| format!("{host}/orders")));
    let paths = [
        "",
        "/",
        "a/",
        "a//b",
        "a/b-c/d",
        "A",
        "a.b",
        "a..b",
        "a_b",
        "a__b",
        "a___b",
        "a--b",
        "-a",
        "a:v1",
        "a@sha256:0",
    ];
    all.extend(paths.map(|path| format!("{repository}{path}")));
    let balancing = [
        "arn:aws:elasticloadbalancing:eu-west-3:123456789012:",
        "arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:",
        "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:",
        "arn:aws-iso:elasticloadbalancing:us-iso-east-1:123456789012:",
        "arn:aws:elasticloadbalancing:eu-west-3:12345678901:",
        "arn:aws:elasticloadbalancing::123456789012:",
    ];
    let resources = [
        "listener-rule/app/o-1/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee",
        "listener-rule/app/o-1/50dc6c495c0c9188/f2f7dc8efc522ab2",
        "listener-rule/gwy/o-1/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee",
        "listener/app/o-1/50dc6c495c0c9188/f2f7dc8efc522ab2",
        "listener/app/o_1/50dc6c495c0c9188/f2f7dc8efc522ab2",
        "listener/app/o-1/50dc6c495c0c9188",
        "loadbalancer/app/o-1/50dc6c495c0c9188",
        "targetgroup/o-1/73e2d6bc24d8a067",
        "targetgroup/o-1/73E2",
        "targetgroup/o-1",
    ];
    all.extend(
        balancing
            .iter()
            .flat_map(|arn| resources.map(|resource| format!("{arn}{resource}"))),
    );
    all.extend(plain().map(str::to_owned));
    all
}

/// Texts that are short, odd, or some other field's.
fn plain() -> [&'static str; 36] {
    [
        "",
        "a",
        "A",
        "9",
        "-",
        "a-b",
        "a_b",
        "a.b",
        "a@b",
        "a b",
        " a",
        "a ",
        " ",
        "   ",
        "\u{a0}",
        "\u{3000}\u{2003}",
        "\u{3000}a",
        "a\n",
        "\na",
        "a\tb",
        "\u{7f}",
        "\u{85}",
        "é",
        "🦆",
        "arn:",
        "arn:aws:ecs",
        "arn",
        "Arn:aws",
        "alarm",
        "compare",
        "a.fifo",
        ":a",
        "consumer_share",
        "pipeline",
        "automatic",
        "never",
    ]
}

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn the_full_documents_have_a_place_for_every_node_of_the_schema() {
    let mut all = Vec::new();
    nodes("", &serde_json::from_str(&schema()).unwrap(), &mut all);
    let mut expected = BTreeSet::new();
    full().iter().for_each(|document| places("", document, &mut expected));
    assert_eq!(
        all.into_iter().map(|(pointer, _)| pointer).collect::<BTreeSet<_>>(),
        expected
    );
}

#[test]
fn the_reader_accepts_a_document_if_and_only_if_the_schema_does() {
    let validator = validator();
    let mut all = Vec::new();
    nodes("", &serde_json::from_str(&schema()).unwrap(), &mut all);
    let (mut accepted, mut refused) = (0, 0);
    for (pointer, node) in all {
        for (document, expected) in around(&pointer, &node) {
            let by_schema = validator.is_valid(&document);
            // So many checks as there may be need more room than there is free of charge.
            let read = Policy::read_for(Tier::Advanced, &document.to_string());
            assert_eq!(by_schema, read.is_ok(), "at {pointer:?}: {document}\n{read:?}");
            assert!(
                expected.is_none_or(|expected| expected == by_schema),
                "at {pointer:?}: {document}"
            );
            match by_schema {
                true => accepted += 1,
                false => refused += 1,
            }
        }
    }
    assert!(
        accepted > 200 && refused > 2_000,
        "{accepted} accepted, {refused} refused: no test of both sides"
    );
}

#[test]
fn the_schema_is_a_schema_of_draft_2020_12() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn the_schema_in_the_repository_is_fresh() {
    expect_test::expect_file!["../../../../policy/policy.schema.json"].assert_eq(&schema());
}
