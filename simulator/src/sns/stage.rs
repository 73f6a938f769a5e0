//! Setting the scene: who subscribes to which topic.

use super::Subscription;
use crate::world::World;

/// Subscribes a function to a topic, both by name; answers with the topic's ARN.
pub fn subscribe(world: &mut World, topic: &str, function: &str) -> String {
    let id = world.uuid();
    let topic = world.arn("sns", topic);
    world.sns.subscriptions.push(Subscription {
        arn: format!("{topic}:{id}"),
        topic: topic.clone(),
        function: function.to_owned(),
    });
    topic
}
