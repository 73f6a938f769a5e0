//! Laws of topics.

use super::*;
use crate::lambda::Config;

const ALARMS: &str = "arn:aws:sns:eu-central-1:111122223333:alarms";

fn invocations(world: &mut World) -> Vec<(String, Value)> {
    let taken = std::mem::take(&mut world.outbox);
    let invocations = taken.into_iter().filter_map(|delivery| match delivery {
        Delivery::Invoke { function, payload, .. } => Some((function, payload)),
        _ => None,
    });
    invocations.collect()
}

#[test]
fn each_subscriber_gets_the_message_in_an_invocation_of_its_own() {
    let mut world = World::new(3);
    assert_eq!(stage::subscribe(&mut world, "alarms", "rollback"), ALARMS);
    stage::subscribe(&mut world, "alarms", "watch");
    stage::subscribe(&mut world, "others", "advance");
    publish(
        &mut world,
        ALARMS,
        Some("ALARM: \"depth\""),
        r#"{"NewStateValue":"ALARM"}"#,
    );
    let told = invocations(&mut world);
    let functions: Vec<&str> = told.iter().map(|(function, _)| function.as_str()).collect();
    assert_eq!(functions, ["rollback", "watch"]);
    let ids: Vec<&Value> = told
        .iter()
        .map(|(_, event)| &event["Records"][0]["Sns"]["MessageId"])
        .collect();
    assert_eq!(ids[0], ids[1], "one message");
    assert_eq!(*ids[0], json!(world.sns.published[0].message_id));
    let arns: Vec<&Value> = told
        .iter()
        .map(|(_, event)| &event["Records"][0]["EventSubscriptionArn"])
        .collect();
    assert_ne!(arns[0], arns[1], "two subscriptions");
}

#[test]
fn the_envelope_is_the_one_lambda_functions_know() {
    for subject in [Some("ALARM: \"depth\""), None] {
        let mut world = World::new(3);
        stage::subscribe(&mut world, "alarms", "rollback");
        publish(&mut world, ALARMS, subject, "text");
        let (_, event) = invocations(&mut world).remove(0);
        let records = event["Records"].as_array().expect("records");
        assert_eq!(records.len(), 1);
        let record = &records[0];
        let (arn, sns) = (record["EventSubscriptionArn"].as_str().expect("an ARN"), &record["Sns"]);
        assert!(
            arn.starts_with(&format!("{ALARMS}:")) && arn.len() == ALARMS.len() + 37,
            "{arn}"
        );
        assert_eq!(record["EventSource"], "aws:sns");
        assert_eq!(record["EventVersion"], "1.0");
        assert_eq!(sns["Type"], "Notification");
        assert_eq!(sns["TopicArn"], ALARMS);
        assert_eq!(sns["Subject"], json!(subject));
        assert!(
            sns.as_object().is_some_and(|sns| sns.contains_key("Subject")),
            "null, not absent"
        );
        assert_eq!(sns["Message"], "text");
        assert_eq!(sns["Timestamp"], "2026-11-21T03:00:00.000Z");
        assert_eq!(sns["MessageAttributes"], json!({}));
    }
}

#[test]
fn what_nobody_subscribes_to_is_kept_and_leaves_all_the_same() {
    let mut world = World::new(3);
    publish(&mut world, ALARMS, None, "anybody?");
    let notification = Delivery::Notification {
        topic: ALARMS.to_owned(),
        subject: None,
        message: "anybody?".to_owned(),
    };
    assert_eq!(world.outbox, [notification]);
    let [published] = &world.sns.published[..] else {
        panic!("{:?}", world.sns.published)
    };
    assert_eq!((published.at, published.topic.as_str()), (At::START, ALARMS));
    assert_eq!((published.message.as_str(), &published.subject), ("anybody?", &None));
}

#[test]
fn a_staged_subscriber_is_invoked_through_its_queue() {
    let mut world = World::new(3);
    lambda::stage::function(&mut world, "rollback", Config::default());
    stage::subscribe(&mut world, "alarms", "rollback");
    publish(&mut world, ALARMS, None, "text");
    assert_eq!(invocations(&mut world), []);
    world.advance_to(world.now.plus_seconds(1));
    assert_eq!(invocations(&mut world).len(), 1);
}
