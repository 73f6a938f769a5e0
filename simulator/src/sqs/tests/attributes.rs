use super::Scene;
use serde_json::json;

#[test]
fn attributes_are_texts_and_only_those_asked_for() {
    let mut scene = Scene::standard(3);
    scene.send("a");
    assert_eq!(
        scene.get("GetQueueAttributes", json!({})),
        json!({}),
        "none asked, none told"
    );
    let two = json!({"AttributeNames": ["ApproximateNumberOfMessages", "QueueArn"]});
    let told = scene.get("GetQueueAttributes", two);
    assert_eq!(
        told,
        json!({"Attributes": {
            "ApproximateNumberOfMessages": "1", "QueueArn": "arn:aws:sqs:eu-central-1:111122223333:orders",
        }})
    );
    let told = scene.get("GetQueueAttributes", json!({"AttributeNames": ["All"]}))["Attributes"].clone();
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:111122223333:orders-dlq","maxReceiveCount":3}"#;
    assert_eq!(told["RedrivePolicy"], policy);
    assert_eq!(told["VisibilityTimeout"], "30");
    assert!(
        told.get("FifoQueue").is_none(),
        "a standard queue has no such attribute"
    );
}

#[test]
fn a_queue_may_be_made_again_if_nothing_about_it_differs() {
    let mut scene = Scene::standard(3);
    let same = json!({"QueueName": "orders", "Attributes": {"VisibilityTimeout": "30"}});
    assert_eq!(scene.get("CreateQueue", same)["QueueUrl"], scene.url());
    let other = json!({"QueueName": "orders", "Attributes": {"VisibilityTimeout": "31"}});
    let (code, text) = scene.refused("CreateQueue", other);
    assert_eq!(code, "QueueNameExists");
    assert!(text.ends_with("attribute VisibilityTimeout"), "{text}");
}

#[test]
fn the_name_of_a_fifo_queue_says_that_it_is_one() {
    let mut scene = Scene::standard(3);
    for (name, attributes) in [
        ("a.fifo", json!({})),
        ("a", json!({"FifoQueue": "true"})),
        ("a b", json!({})),
        ("", json!({})),
    ] {
        scene.refused("CreateQueue", json!({"QueueName": name, "Attributes": attributes}));
    }
    scene.get(
        "CreateQueue",
        json!({"QueueName": "a.fifo", "Attributes": {"FifoQueue": "true"}}),
    );
}

#[test]
fn a_dead_letter_queue_is_of_the_same_kind_and_the_count_may_be_text() {
    let mut scene = Scene::standard(3);
    scene.get(
        "CreateQueue",
        json!({"QueueName": "f.fifo", "Attributes": {"FifoQueue": "true"}}),
    );
    let policy = |name: &str, count: serde_json::Value| {
        let arn = format!("arn:aws:sqs:eu-central-1:111122223333:{name}");
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": count}).to_string();
        json!({"Attributes": {"RedrivePolicy": policy}})
    };
    let (_, text) = scene.refused("SetQueueAttributes", policy("f.fifo", json!(3)));
    assert!(text.contains("same type"), "{text}");
    scene.refused("SetQueueAttributes", policy("orders-dlq", json!(0)));
    scene.get("SetQueueAttributes", policy("orders-dlq", json!("7")));
    let told = scene.get("GetQueueAttributes", json!({"AttributeNames": ["RedrivePolicy"]}));
    let told = told["Attributes"]["RedrivePolicy"].as_str().expect("a policy");
    assert!(told.contains("\"maxReceiveCount\":7"), "{told}");
}

#[test]
fn queues_are_listed_in_pages_only_where_pages_are_asked_for() {
    let mut scene = Scene::standard(3);
    let all = scene.get("ListQueues", json!({"QueueUrl": null}));
    assert_eq!(all["QueueUrls"].as_array().map(Vec::len), Some(2));
    assert!(all.get("NextToken").is_none());
    let first = scene.get("ListQueues", json!({"MaxResults": 1}));
    let next = scene.get("ListQueues", json!({"MaxResults": 1, "NextToken": first["NextToken"]}));
    assert_ne!(first["QueueUrls"], next["QueueUrls"]);
    assert!(next.get("NextToken").is_none());
    let none = scene.get("ListQueues", json!({"QueueNamePrefix": "zz"}));
    assert!(none.get("QueueUrls").is_none(), "{none}");
}

#[test]
fn a_dead_letter_queue_tells_whose_messages_die_there_in_pages_where_they_are_asked_for() {
    let mut scene = Scene::standard(3);
    let (own, dlq) = (scene.url(), format!("{}-dlq", scene.url()));
    let arn = "arn:aws:sqs:eu-central-1:111122223333:orders-dlq";
    let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": 5}).to_string();
    let other = scene.get(
        "CreateQueue",
        json!({"QueueName": "billing", "Attributes": {"RedrivePolicy": policy}}),
    );
    let other = other["QueueUrl"].clone();
    let sources = |scene: &mut Scene, mut input: serde_json::Value| {
        input["QueueUrl"] = json!(dlq);
        scene.get("ListDeadLetterSourceQueues", input)
    };
    assert_eq!(sources(&mut scene, json!({})), json!({"queueUrls": [other, own]}));
    let first = sources(&mut scene, json!({"MaxResults": 1}));
    assert_eq!(first["queueUrls"], json!([other]));
    let next = sources(&mut scene, json!({"MaxResults": 1, "NextToken": first["NextToken"]}));
    assert_eq!(next, json!({"queueUrls": [own]}));
    // Nobody's messages die in the queue itself, and the list is there all the same.
    assert_eq!(
        scene.get("ListDeadLetterSourceQueues", json!({})),
        json!({"queueUrls": []})
    );
    let none = json!({"QueueUrl": "https://sqs.eu-central-1.amazonaws.com/111122223333/none"});
    assert_eq!(scene.refused("ListDeadLetterSourceQueues", none).0, "QueueDoesNotExist");
}
