//! Amazon SNS: topics and who subscribes to them.
//!
//! Topics need no creation here: publishing to any ARN is accepted, and what nobody subscribes to is only kept.
//!
//! # Source
//!
//! "Fanout Amazon SNS notifications to Lambda functions", SNS developer guide, for the envelope.

pub mod stage;
#[cfg(test)]
mod tests;

use crate::lambda;
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Sns {
    /// Every message, in order.
    pub published: Vec<Published>,
    /// Tags of topics, by ARN.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    subscriptions: Vec<Subscription>,
}

/// A message as its publisher sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// When.
    pub at: At,
    /// `MessageId`, the same for every subscriber and every redelivery.
    pub message_id: String,
    /// Topic ARN.
    pub topic: String,
    /// Subject line, where there is one.
    pub subject: Option<String>,
    /// Message text, usually JSON.
    pub message: String,
}

#[derive(Clone, Debug)]
struct Subscription {
    arn: String,
    topic: String,
    function: String,
}

/// Publishes a message to a topic's ARN: each function that subscribes gets an invocation of its own.
pub fn publish(world: &mut World, topic: &str, subject: Option<&str>, message: &str) {
    let published = Published {
        at: world.now,
        message_id: world.uuid(),
        topic: topic.to_owned(),
        subject: subject.map(str::to_owned),
        message: message.to_owned(),
    };
    world.outbox.push(Delivery::Notification {
        topic: published.topic.clone(),
        subject: published.subject.clone(),
        message: published.message.clone(),
    });
    let subscribers = world.sns.subscriptions.iter().filter(|s| s.topic == topic);
    for subscriber in subscribers.cloned().collect::<Vec<_>>() {
        let event = envelope(&world.home.region, &subscriber.arn, &published);
        lambda::invoke_async(world, &subscriber.function, event);
    }
    world.sns.published.push(published);
}

/// One record per invocation, as SNS sends it in practice. Nothing here is signed: the signature says so.
fn envelope(region: &str, subscription: &str, published: &Published) -> Value {
    json!({ "Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": {
            "Type": "Notification",
            "MessageId": published.message_id,
            "TopicArn": published.topic,
            "Subject": published.subject,
            "Message": published.message,
            "Timestamp": published.at.iso_millis(),
            "SignatureVersion": "1",
            "Signature": "UNSIGNED",
            "SigningCertUrl": format!("https://sns.{region}.amazonaws.com/SimpleNotificationService.pem"),
            "UnsubscribeUrl":
                format!("https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}"),
            "MessageAttributes": {},
        },
    }]})
}
