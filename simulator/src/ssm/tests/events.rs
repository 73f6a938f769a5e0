use super::{Delivery, ORDERS, get, put, stage};
use crate::world::World;
use serde_json::{Value, json};

fn sent(world: &World) -> Vec<&Value> {
    let events = world.outbox.iter().filter_map(|delivery| match delivery {
        Delivery::Event(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn every_change_is_told_on_the_bus_without_its_value() {
    let mut world = World::new(1);
    let described = json!({ "Type": "SecureString", "Description": "whom to call" });
    get(&mut world, "PutParameter", put(ORDERS, "hush", described));
    get(
        &mut world,
        "PutParameter",
        put(ORDERS, "hush", json!({ "Overwrite": true, "Type": "SecureString" })),
    );
    get(&mut world, "DeleteParameter", json!({ "Name": ORDERS }));
    let told = sent(&world);
    let details: Vec<&Value> = told.iter().map(|event| &event["detail"]).collect();
    let detail = |operation: &str| json!({ "operation": operation, "name": ORDERS, "type": "SecureString", "description": "whom to call" });
    assert_eq!(details, [&detail("Create"), &detail("Update"), &detail("Delete")]);
    for event in told {
        assert_eq!(event["detail-type"], "Parameter Store Change");
        assert_eq!(event["source"], "aws.ssm");
        let arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/serin/policies/orders";
        assert_eq!(event["resources"], json!([arn]));
        assert!(!event.to_string().contains("hush"), "{event}");
    }
}

#[test]
fn what_changes_nothing_is_not_told() {
    let mut world = World::new(1);
    stage::put(&mut world, ORDERS, "one");
    world.outbox.clear();
    get(&mut world, "GetParameter", json!({ "Name": ORDERS }));
    get(&mut world, "GetParametersByPath", json!({ "Path": "/serin/policies" }));
    let refused = world.call("test", "ssm", "PutParameter", put(ORDERS, "two", json!({})));
    assert!(refused.is_err());
    assert_eq!(sent(&world), Vec::<&Value>::new());
}

#[test]
fn a_parameter_without_description_is_told_without_one() {
    let mut world = World::new(1);
    stage::put(&mut world, "plain", "one");
    let detail = &sent(&world)[0]["detail"];
    assert_eq!(
        detail,
        &json!({ "operation": "Create", "name": "plain", "type": "String" })
    );
}
