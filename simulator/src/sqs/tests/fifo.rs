use super::Scene;
use serde_json::{Value, json};

fn scene(receives_max: u32) -> Scene {
    Scene::new("orders.fifo", receives_max, json!({"FifoQueue": "true"}))
}

fn message(body: &str, group: &str, token: &str) -> Value {
    json!({"MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": token})
}

fn send(scene: &mut Scene, body: &str, group: &str) {
    scene.get("SendMessage", message(body, group, body));
}

#[test]
fn while_a_message_is_in_flight_its_group_waits_and_others_go_on() {
    let mut scene = scene(9);
    for (body, group) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        send(&mut scene, body, group);
    }
    let (body, handle) = scene.receive(1).remove(0);
    assert_eq!(body, "a1");
    assert_eq!(scene.bodies(10), ["b1"]);
    assert_eq!(scene.bodies(10), [""; 0]);
    scene.get("DeleteMessage", json!({"ReceiptHandle": handle}));
    assert_eq!(scene.bodies(10), ["a2"]);
}

#[test]
fn one_receive_hands_out_messages_of_a_group_in_order() {
    let mut scene = scene(9);
    for body in ["a1", "a2", "a3"] {
        send(&mut scene, body, "a");
    }
    assert_eq!(scene.bodies(2), ["a1", "a2"]);
    assert_eq!(scene.bodies(2), [""; 0]);
    scene.wait(30);
    assert_eq!(scene.bodies(10), ["a1", "a2", "a3"]);
}

#[test]
fn a_poisonous_message_stalls_its_group_until_it_is_dead() {
    let mut scene = scene(3);
    send(&mut scene, "poison", "a");
    send(&mut scene, "next", "a");
    let began = scene.world.now;
    while scene.bodies(1) != ["next"] {
        scene.wait(1);
    }
    assert_eq!((scene.world.now - began).as_secs(), 90);
    assert_eq!(scene.depth(scene.dlq), (1, 0, 0));
}

#[test]
fn a_duplicate_is_accepted_and_not_delivered_for_five_minutes() {
    let mut scene = scene(9);
    let first = scene.get("SendMessage", message("x", "a", "1"));
    scene.wait(299);
    let again = scene.get("SendMessage", message("x", "a", "1"));
    assert_eq!(first["MessageId"], again["MessageId"]);
    assert_eq!(first["SequenceNumber"], again["SequenceNumber"]);
    assert_eq!(scene.depth(scene.queue), (1, 0, 0));
    scene.wait(1);
    let later = scene.get("SendMessage", message("x", "a", "1"));
    assert_ne!(first["MessageId"], later["MessageId"]);
    assert_eq!(scene.depth(scene.queue), (2, 0, 0));
}

#[test]
fn where_content_deduplicates_the_id_is_the_sha_256_of_the_body() {
    let mut scene = Scene::new("orders.fifo", 9, json!({"ContentBasedDeduplication": "true"}));
    scene.get("SendMessage", json!({"MessageBody": "abc", "MessageGroupId": "a"}));
    let asked = json!({"MessageSystemAttributeNames": ["MessageDeduplicationId"]});
    let received = scene.get("ReceiveMessage", asked);
    // The first example of FIPS 180-2.
    assert_eq!(
        received["Messages"][0]["Attributes"]["MessageDeduplicationId"],
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    let again = json!({"MessageBody": "abc", "MessageGroupId": "b", "MessageAttributes": {
        "colour": {"DataType": "String", "StringValue": "red"}
    }});
    scene.get("SendMessage", again);
    assert_eq!(
        scene.depth(scene.queue),
        (0, 1, 0),
        "whatever its group and its attributes are"
    );
}

#[test]
fn what_a_fifo_queue_asks_of_a_message_is_asked() {
    let mut scene = scene(9);
    let (code, text) = scene.refused("SendMessage", json!({"MessageBody": "x"}));
    assert_eq!(code, "MissingRequiredParameterException");
    assert!(text.contains("MessageGroupId"), "{text}");
    let (_, text) = scene.refused("SendMessage", json!({"MessageBody": "x", "MessageGroupId": "a"}));
    assert!(text.contains("ContentBasedDeduplication"), "{text}");
    let mut delayed = message("x", "a", "1");
    delayed["DelaySeconds"] = json!(5);
    let (_, text) = scene.refused("SendMessage", delayed);
    assert!(text.contains("not valid for this queue type"), "{text}");
    scene.get(
        "SetQueueAttributes",
        json!({"Attributes": {"ContentBasedDeduplication": "true"}}),
    );
    scene.get("SendMessage", json!({"MessageBody": "x", "MessageGroupId": "a"}));
}

#[test]
fn a_receipt_whose_time_is_over_deletes_nothing_from_a_fifo_queue() {
    let mut scene = scene(9);
    send(&mut scene, "a1", "a");
    let (_, handle) = scene.receive(1).remove(0);
    scene.wait(30);
    let (code, text) = scene.refused("DeleteMessage", json!({"ReceiptHandle": handle}));
    assert_eq!(code, "InvalidParameterValueException");
    assert!(text.contains("expired"), "{text}");
    assert_eq!(scene.depth(scene.queue), (1, 0, 0));
}
