//! Setting the scene: who subscribes to which topic.

use super::Subscription;
use crate::world::World;

/// Subscribes a function to a topic, both by name; answers with the topic's ARN.
pub fn subscribe(world: &mut World, topic: &str, function: &str) -> String {
    // By its place, not by chance: who subscribes must not change what else happens.
    let place = world.sns.subscriptions.len() + 1;
    let id = format!("00000000-0000-4000-8000-{place:012x}");
    let topic = world.arn("sns", topic);
    world.sns.subscriptions.push(Subscription {
        arn: format!("{topic}:{id}"),
        topic: topic.clone(),
        function: function.to_owned(),
    });
    topic
}

/// Tags a topic, by name; answers with its ARN.
pub fn tag(world: &mut World, topic: &str, key: &str, value: &str) -> String {
    let arn = world.arn("sns", topic);
    let tags = world.sns.tags.entry(arn.clone()).or_default();
    tags.insert(key.to_owned(), value.to_owned());
    arn
}
