//! Short ways to set a scene. What they make looks as if it had always been there.

use super::call;
use crate::world::World;
use serde_json::{Value, json};

/// A queue with its dead-letter queue, `<name>-dlq`, both with metrics on record. `attributes` are those of
/// `CreateQueue`. Answers with the places of both.
///
/// # Panics
/// Where SQS refuses: a scene that cannot be set is a mistake in the test.
pub fn queue_with_dlq(world: &mut World, name: &str, receives_max: u32, attributes: Value) -> (usize, usize) {
    let stem = name.strip_suffix(".fifo");
    let kind = if stem.is_some() { ".fifo" } else { "" };
    let dlq = format!("{}-dlq{kind}", stem.unwrap_or(name));
    let policy = json!({"deadLetterTargetArn": world.arn("sqs", &dlq), "maxReceiveCount": receives_max});
    let mut asked = attributes;
    asked["RedrivePolicy"] = json!(policy.to_string());
    let letters = match stem {
        Some(_) => {
            asked["FifoQueue"] = json!("true");
            json!({"FifoQueue": "true"})
        }
        None => json!({}),
    };
    let letters = queue(world, &dlq, letters);
    (queue(world, name, asked), letters)
}

/// A queue with metrics on record. Answers with its place.
///
/// # Panics
/// Where SQS refuses.
pub fn queue(world: &mut World, name: &str, attributes: Value) -> usize {
    let input = json!({"QueueName": name, "Attributes": attributes});
    call(world, "CreateQueue", &input).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let now = world.now;
    let place = world.sqs.place(name);
    let place = place.unwrap_or_else(|| panic!("{name}: it was made a moment ago"));
    world.sqs.wakes(place, now, now);
    place
}

/// A queue that was made long ago and that nobody has used for hours; drawn from nobody's chance. Answers with its
/// place.
///
/// # Panics
/// Where SQS refuses.
pub fn idle_queue(world: &mut World, name: &str, attributes: Value) -> usize {
    let rng = world.sqs.rng.clone();
    let place = queue(world, name, attributes);
    world.sqs.rng = rng;
    asleep(world, place);
    place
}

/// Lets a queue sleep, as if nobody had touched it for hours.
pub fn asleep(world: &mut World, place: usize) {
    world.sqs.queues[place].publishes = None;
}
