//! The rules of the simulated SQS, one sentence each.

mod attributes;
mod fifo;
mod measured;
mod standard;

use super::stage;
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// An account with queue `orders` and its dead-letter queue `orders-dlq`.
struct Scene {
    world: World,
    queue: usize,
    dlq: usize,
    name: &'static str,
}

impl Scene {
    fn standard(receives_max: u32) -> Scene {
        Scene::new("orders", receives_max, json!({}))
    }

    fn new(name: &'static str, receives_max: u32, attributes: Value) -> Scene {
        let mut world = World::new(7);
        let (queue, dlq) = stage::queue_with_dlq(&mut world, name, receives_max, attributes);
        Scene {
            world,
            queue,
            dlq,
            name,
        }
    }

    fn url(&self) -> String {
        format!("https://sqs.eu-central-1.amazonaws.com/111122223333/{}", self.name)
    }

    fn ask(&mut self, operation: &str, mut input: Value) -> Result<Value, Refusal> {
        if operation != "CreateQueue" && input["QueueUrl"].is_null() {
            input["QueueUrl"] = json!(self.url());
        }
        self.world.call("test", "sqs", operation, input)
    }

    fn get(&mut self, operation: &str, input: Value) -> Value {
        self.ask(operation, input)
            .unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
    }

    fn refused(&mut self, operation: &str, input: Value) -> (&'static str, String) {
        match self.ask(operation, input) {
            Ok(reply) => panic!("{operation} was not refused: {reply}"),
            Err(refusal) => (refusal.code, refusal.message),
        }
    }

    fn send(&mut self, body: &str) {
        self.get("SendMessage", json!({"MessageBody": body}));
    }

    /// Bodies and handles of what a receive gives.
    fn receive(&mut self, most: i64) -> Vec<(String, String)> {
        let input = json!({"MaxNumberOfMessages": most, "MessageSystemAttributeNames": ["All"]});
        let reply = self.get("ReceiveMessage", input);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let messages = reply["Messages"].as_array().into_iter().flatten();
        messages
            .map(|message| (text(&message["Body"]), text(&message["ReceiptHandle"])))
            .collect()
    }

    fn bodies(&mut self, most: i64) -> Vec<String> {
        self.receive(most).into_iter().map(|(body, _)| body).collect()
    }

    fn wait(&mut self, seconds: i64) {
        let until = self.world.now.plus_seconds(seconds);
        self.world.advance_to(until);
    }

    /// Visible, in flight, delayed.
    fn depth(&mut self, place: usize) -> (usize, usize, usize) {
        let depth = self.world.sqs.depth(place, self.world.now);
        (depth.visible, depth.held, depth.delayed)
    }
}
