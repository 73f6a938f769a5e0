use super::Scene;
use serde_json::json;

#[test]
fn a_message_that_is_received_is_hidden_until_its_time_is_over() {
    let mut scene = Scene::standard(5);
    scene.send("a");
    assert_eq!(scene.bodies(10), ["a"]);
    assert_eq!(scene.depth(scene.queue), (0, 1, 0));
    scene.wait(29);
    assert_eq!(scene.bodies(10), [""; 0]);
    scene.wait(1);
    assert_eq!(scene.bodies(10), ["a"]);
}

#[test]
fn a_message_that_is_deleted_does_not_come_back() {
    let mut scene = Scene::standard(5);
    scene.send("a");
    let (_, handle) = scene.receive(1).remove(0);
    scene.get("DeleteMessage", json!({"ReceiptHandle": handle}));
    scene.wait(60);
    assert_eq!(scene.depth(scene.queue), (0, 0, 0));
    // Once more is no mistake.
    scene.get("DeleteMessage", json!({"ReceiptHandle": handle}));
}

#[test]
fn an_old_receipt_handle_deletes_nothing_and_says_nothing() {
    let mut scene = Scene::standard(5);
    scene.send("a");
    let (_, old) = scene.receive(1).remove(0);
    scene.wait(30);
    let (_, new) = scene.receive(1).remove(0);
    assert_ne!(old, new);
    scene.get("DeleteMessage", json!({"ReceiptHandle": old}));
    assert_eq!(scene.depth(scene.queue), (0, 1, 0));
    scene.get("DeleteMessage", json!({"ReceiptHandle": new}));
    assert_eq!(scene.depth(scene.queue), (0, 0, 0));
}

#[test]
fn the_receive_that_would_be_one_too_many_moves_a_message_to_the_dead_letter_queue() {
    for (limit, wanted) in [(1, 1), (3, 3)] {
        let mut scene = Scene::standard(limit);
        scene.send("poison");
        let mut receives = 0;
        for _ in 0..5 {
            receives += scene.bodies(1).len();
            scene.wait(30);
        }
        assert_eq!(receives, wanted);
        assert_eq!(scene.depth(scene.queue), (0, 0, 0));
        assert_eq!(scene.depth(scene.dlq), (1, 0, 0));
    }
}

#[test]
fn time_alone_moves_nothing_to_the_dead_letter_queue() {
    let mut scene = Scene::standard(1);
    scene.send("poison");
    scene.receive(1);
    scene.wait(3600);
    assert_eq!(
        (scene.depth(scene.queue), scene.depth(scene.dlq)),
        ((1, 0, 0), (0, 0, 0))
    );
    scene.receive(1);
    assert_eq!(
        (scene.depth(scene.queue), scene.depth(scene.dlq)),
        ((0, 0, 0), (1, 0, 0))
    );
}

#[test]
fn a_message_keeps_its_history_in_the_dead_letter_queue() {
    let mut scene = Scene::standard(2);
    scene.send("poison");
    for _ in 0..3 {
        scene.receive(1);
        scene.wait(30);
    }
    scene.name = "orders-dlq";
    let input = json!({"MessageSystemAttributeNames": ["All"]});
    let message = scene.get("ReceiveMessage", input)["Messages"][0]["Attributes"].clone();
    assert_eq!(message["ApproximateReceiveCount"], "3");
    assert_eq!(
        message["DeadLetterQueueSourceArn"],
        "arn:aws:sqs:eu-central-1:111122223333:orders"
    );
    assert_eq!(message["SentTimestamp"], crate::At::START.0.to_string());
}

#[test]
fn what_was_received_three_times_comes_last() {
    let mut scene = Scene::standard(9);
    scene.send("old");
    for _ in 0..2 {
        assert_eq!(scene.bodies(1), ["old"]);
        scene.wait(30);
    }
    scene.send("new");
    // Twice received, it is still the first; three times, the last.
    assert_eq!(scene.bodies(1), ["old"]);
    scene.wait(30);
    assert_eq!(scene.bodies(1), ["new"]);
    assert_eq!(scene.bodies(1), ["old"]);
}

#[test]
fn visibility_can_be_prolonged_and_given_up_while_a_message_is_in_flight() {
    let mut scene = Scene::standard(5);
    scene.send("a");
    let (_, handle) = scene.receive(1).remove(0);
    let change = |seconds: i64| json!({"ReceiptHandle": handle.clone(), "VisibilityTimeout": seconds});
    let (longer, none) = (change(60), change(0));
    scene.get("ChangeMessageVisibility", longer.clone());
    scene.wait(59);
    assert_eq!(scene.depth(scene.queue), (0, 1, 0));
    scene.get("ChangeMessageVisibility", none);
    assert_eq!(scene.depth(scene.queue), (1, 0, 0));
    assert_eq!(
        scene.refused("ChangeMessageVisibility", longer.clone()).0,
        "MessageNotInflight"
    );
    scene.get("PurgeQueue", json!({}));
    assert_eq!(
        scene.refused("ChangeMessageVisibility", longer).0,
        "InvalidParameterValueException"
    );
}

#[test]
fn a_delayed_message_is_not_seen_before_its_time() {
    let mut scene = Scene::standard(5);
    scene.get("SendMessage", json!({"MessageBody": "late", "DelaySeconds": 90}));
    assert_eq!(scene.depth(scene.queue), (0, 0, 1));
    scene.wait(89);
    assert_eq!(scene.bodies(1), [""; 0]);
    scene.wait(1);
    assert_eq!(scene.bodies(1), ["late"]);
}

#[test]
fn what_nobody_takes_is_forgotten_after_the_retention_period() {
    let mut scene = Scene::new("orders", 5, json!({"MessageRetentionPeriod": "120"}));
    scene.send("a");
    scene.wait(120);
    assert_eq!(scene.depth(scene.queue), (1, 0, 0));
    scene.wait(1);
    assert_eq!(scene.depth(scene.queue), (0, 0, 0));
}

#[test]
fn a_dead_letter_is_kept_from_when_it_was_sent_first() {
    // On a FIFO queue from when it was moved: 100 s later.
    for (name, kept_seconds) in [("orders", 120), ("orders.fifo", 220)] {
        let mut scene = Scene::new(name, 1, json!({"VisibilityTimeout": "100"}));
        let dlq = scene.world.sqs.queues[scene.dlq].name.clone();
        let url = scene.url().replace(name, &dlq);
        scene.get(
            "SetQueueAttributes",
            json!({"QueueUrl": url, "Attributes": {"MessageRetentionPeriod": "120"}}),
        );
        let fifo = name.ends_with(".fifo");
        let message = match fifo {
            true => json!({"MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "1"}),
            false => json!({"MessageBody": "a"}),
        };
        scene.get("SendMessage", message);
        assert_eq!(scene.bodies(1), ["a"]);
        scene.wait(100);
        assert_eq!(scene.bodies(1), [""; 0]);
        assert_eq!(scene.depth(scene.dlq), (1, 0, 0), "{name}");
        scene.wait(kept_seconds - 100);
        assert_eq!(scene.depth(scene.dlq), (1, 0, 0), "{name}");
        scene.wait(1);
        assert_eq!(scene.depth(scene.dlq), (0, 0, 0), "{name}");
    }
}

#[test]
fn each_mistake_has_awss_own_answer() {
    let mut scene = Scene::standard(5);
    let cases = [
        (
            "SendMessage",
            json!({"MessageBody": "\u{1}"}),
            "InvalidMessageContents",
            "'#x1'",
        ),
        (
            "SendMessage",
            json!({"MessageBody": ""}),
            "MissingRequiredParameterException",
            "MessageBody",
        ),
        (
            "SendMessage",
            json!({"MessageBody": "a", "DelaySeconds": 901}),
            "InvalidParameterValueException",
            "901",
        ),
        (
            "SendMessage",
            json!({"MessageBody": "a", "MessageDeduplicationId": "1"}),
            "InvalidParameterValueException",
            "not valid for this queue type",
        ),
        (
            "ReceiveMessage",
            json!({"MaxNumberOfMessages": 11}),
            "InvalidParameterValueException",
            "between 1 and 10",
        ),
        (
            "ReceiveMessage",
            json!({"WaitTimeSeconds": 21}),
            "InvalidParameterValueException",
            "between 0 and 20",
        ),
        (
            "DeleteMessage",
            json!({"ReceiptHandle": "x"}),
            "ReceiptHandleIsInvalid",
            "\"x\"",
        ),
        (
            "GetQueueAttributes",
            json!({"QueueUrl": "https://sqs.eu-central-1.amazonaws.com/111122223333/other"}),
            "QueueDoesNotExist",
            "does not exist",
        ),
        (
            "SetQueueAttributes",
            json!({"Attributes": {"VisibilityTimeout": "43201"}}),
            "InvalidAttributeValue",
            "VisibilityTimeout",
        ),
        (
            "SetQueueAttributes",
            json!({"Attributes": {"QueueArn": "arn"}}),
            "InvalidAttributeName",
            "QueueArn",
        ),
        (
            "SetQueueAttributes",
            json!({"Attributes": {"RedrivePolicy": "{\"deadLetterTargetArn\":\"arn:x:none\",\"maxReceiveCount\":3}"}}),
            "InvalidParameterValueException",
            "Dead letter target does not exist",
        ),
    ];
    for (operation, input, code, text) in cases {
        let (found, message) = scene.refused(operation, input.clone());
        assert_eq!(found, code, "{operation} {input}");
        assert!(message.contains(text), "{operation} {input}: {message}");
    }
    scene.get("PurgeQueue", json!({}));
    assert_eq!(scene.refused("PurgeQueue", json!({})).0, "PurgeQueueInProgress");
}
