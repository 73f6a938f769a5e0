use super::{Delivery, V1, V2, V3, image, shop, stage, told};
use crate::world::World;
use serde_json::{Value, json};

/// Action, digest and tag of every event sent.
fn sent(world: &World) -> Vec<(String, String, Option<String>)> {
    let events = world.outbox.iter().filter_map(|delivery| match delivery {
        Delivery::Event(event) => Some(event),
        _ => None,
    });
    let text = |value: &Value| value.as_str().map(str::to_owned);
    events
        .map(|event| {
            assert_eq!(
                (&event["source"], &event["detail-type"]),
                (&json!("aws.ecr"), &json!("ECR Image Action"))
            );
            assert_eq!(event["resources"], json!([]));
            let detail = &event["detail"];
            assert_eq!(
                (&detail["result"], &detail["repository-name"]),
                (&json!("SUCCESS"), &json!("team/shop"))
            );
            let known = |member: &str| text(&detail[member]).unwrap_or_default();
            (known("action-type"), known("image-digest"), text(&detail["image-tag"]))
        })
        .collect()
}

fn event(action: &str, digest: &str, tag: Option<&str>) -> (String, String, Option<String>) {
    (action.to_owned(), digest.to_owned(), tag.map(str::to_owned))
}

#[test]
fn a_tag_moves_and_the_image_it_leaves_stays() {
    let mut world = shop();
    stage::push(&mut world, "team/shop", "one", V2);
    let found = told(&mut world, json!({}));
    assert_eq!(
        found,
        [image(V1, &[]), image(V3, &[]), image(V2, &["live", "one", "two"])]
    );
    assert_eq!(sent(&world), [event("PUSH", V2, Some("one"))]);
}

#[test]
fn an_image_goes_with_its_last_tag() {
    let mut world = shop();
    stage::untag(&mut world, "team/shop", "live");
    assert_eq!(told(&mut world, json!({}))[2], image(V2, &["two"]));
    stage::untag(&mut world, "team/shop", "two");
    assert_eq!(told(&mut world, json!({})), [image(V1, &["one"]), image(V3, &[])]);
    assert_eq!(
        sent(&world),
        [event("DELETE", V2, Some("live")), event("DELETE", V2, Some("two"))]
    );
}

#[test]
fn an_image_that_is_deleted_takes_its_tags_along() {
    let mut world = shop();
    stage::delete(&mut world, "team/shop", V2);
    assert_eq!(told(&mut world, json!({})), [image(V1, &["one"]), image(V3, &[])]);
    stage::delete(&mut world, "team/shop", V3);
    assert_eq!(
        sent(&world),
        [
            event("DELETE", V2, Some("live")),
            event("DELETE", V2, Some("two")),
            event("DELETE", V3, None)
        ]
    );
}

#[test]
fn a_repository_is_known_by_the_account_and_region_in_its_name() {
    let world = shop();
    let cases = [
        ("111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/shop", true),
        ("111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop", false),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/team/shop", false),
        ("999999999999.dkr.ecr.eu-central-1.amazonaws.com/team/shop", false),
        ("public.ecr.aws/team/shop", false),
        ("team/shop", false),
        ("shop", false),
    ];
    for (named, known) in cases {
        let found = world.ecr.repository(&world.home, named);
        assert_eq!(found.is_some(), known, "{named}");
        assert_eq!(
            found.and_then(|found| found.tagged("live")),
            known.then_some(V2),
            "{named}"
        );
    }
}
