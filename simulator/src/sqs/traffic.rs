//! Sending, receiving, deleting, by request.

use super::message::{Message, Outgoing, Receipt};
use super::queue::{Deleted, Queue};
use super::{asked, md5, number, wrong};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The longest that a message can be invisible.
const VISIBILITY_SECONDS_MAX: i64 = 43_200;

pub(super) fn send(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let queue = &world.sqs.queues[place];
    let body = input["MessageBody"].as_str().unwrap_or_default().to_owned();
    check_body(queue, &body)?;
    let mut message = Outgoing {
        delay_seconds: number(input, "DelaySeconds", 0..=900)?,
        attributes: input["MessageAttributes"].clone(),
        group: input["MessageGroupId"].as_str().map(str::to_owned),
        deduplication: input["MessageDeduplicationId"].as_str().map(str::to_owned),
        body,
    };
    if queue.settings.fifo {
        fifo(queue, &mut message)?;
    } else if let Some(token) = &message.deduplication {
        let reason = "The request includes a parameter that is not valid for this queue type.";
        return Err(wrong("MessageDeduplicationId", token, reason));
    }
    let mut reply = json!({"MD5OfMessageBody": md5::hex(message.body.as_bytes())});
    if message.attributes.is_object() {
        reply["MD5OfMessageAttributes"] = json!(md5::of_attributes(&message.attributes));
    }
    let fifo = queue.settings.fifo;
    let id = world.sqs.send(place, message, world.now);
    let queue = &world.sqs.queues[place];
    reply["MessageId"] = json!(message_id(queue.salt, id));
    if fifo {
        reply["SequenceNumber"] = json!(sequence(id));
    }
    Ok(reply)
}

fn check_body(queue: &Queue, body: &str) -> Result<(), Refusal> {
    if body.is_empty() {
        return Err(Refusal::new(
            "MissingRequiredParameterException",
            "The request must contain the parameter MessageBody.",
        ));
    }
    if body.len() as i64 > queue.settings.bytes_max {
        let most = queue.settings.bytes_max;
        let text = format!("One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.");
        return Err(Refusal::new("InvalidParameterValueException", text));
    }
    let forbidden = |c: &char| (*c < ' ' && !['\t', '\n', '\r'].contains(c)) || ['\u{fffe}', '\u{ffff}'].contains(c);
    match body.chars().find(forbidden) {
        None => Ok(()),
        Some(c) => Err(Refusal::new(
            "InvalidMessageContents",
            format!(
                "Invalid binary character '#x{:X}' was found in the message body, the set of allowed characters is \
                 #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
                u32::from(c)
            ),
        )),
    }
}

/// What a FIFO queue asks of a message.
fn fifo(queue: &Queue, message: &mut Outgoing) -> Result<(), Refusal> {
    if message.group.is_none() {
        return Err(Refusal::new(
            "MissingRequiredParameterException",
            "The request must contain the parameter MessageGroupId.",
        ));
    }
    if let Some(delay) = message.delay_seconds {
        let reason = "The request include parameter that is not valid for this queue type.";
        return Err(wrong("DelaySeconds", &delay.to_string(), reason));
    }
    if message.deduplication.is_none() {
        if !queue.settings.deduplicates_by_content {
            return Err(Refusal::new(
                "InvalidParameterValueException",
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
        message.deduplication = Some(of_content(&message.body));
    }
    Ok(())
}

/// "A SHA-256 hash to generate the message deduplication ID using the body of the message (but not the attributes of the
/// message)" (`ContentBasedDeduplication`, CreateQueue).
fn of_content(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn receive(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let most = number(input, "MaxNumberOfMessages", 1..=10)?.unwrap_or(1);
    number(input, "WaitTimeSeconds", 0..=20)?;
    let seconds = number(input, "VisibilityTimeout", 0..=VISIBILITY_SECONDS_MAX)?;
    let most = usize::try_from(most).unwrap_or(1);
    let now = world.now;
    let receipts = world.sqs.receive(place, most, seconds, now);
    if receipts.is_empty() {
        return Ok(json!({}));
    }
    let queue = &world.sqs.queues[place];
    let told = receipts.into_iter().filter_map(|receipt| {
        let message = queue.message(receipt.id)?;
        Some(shown(world, queue, message, receipt, input))
    });
    Ok(json!({"Messages": told.collect::<Vec<_>>()}))
}

fn shown(world: &World, queue: &Queue, message: &Message, receipt: Receipt, input: &Value) -> Value {
    let mut told = json!({
        "MessageId": message_id(queue.salt, message.id), "ReceiptHandle": handle(queue.salt, receipt),
        "MD5OfBody": md5::hex(message.content.body.as_bytes()), "Body": message.content.body,
    });
    let names = |member: &str| input[member].as_array().cloned().unwrap_or_default();
    let wanted = [names("AttributeNames"), names("MessageSystemAttributeNames")].concat();
    let mut system = system_attributes(world, message);
    system.retain(|name, _| wanted.iter().any(|asked| asked == "All" || asked == name));
    if !system.is_empty() {
        told["Attributes"] = Value::Object(system);
    }
    let wanted = names("MessageAttributeNames");
    let asked = |name: &str| {
        wanted.iter().filter_map(Value::as_str).any(|asked| {
            let prefix = asked.strip_suffix(".*").or_else(|| asked.strip_suffix('*'));
            asked == "All" || asked == name || prefix.is_some_and(|prefix| name.starts_with(prefix))
        })
    };
    let own = message.content.attributes.as_object().cloned().unwrap_or_default();
    let own: Map<String, Value> = own.into_iter().filter(|(name, _)| asked(name)).collect();
    if !own.is_empty() {
        told["MD5OfMessageAttributes"] = json!(md5::of_attributes(&json!(own)));
        told["MessageAttributes"] = Value::Object(own);
    }
    told
}

fn system_attributes(world: &World, message: &Message) -> Map<String, Value> {
    let first = message.first_received.unwrap_or(message.since);
    let mut told = Map::new();
    let mut tell = |name: &str, text: Option<String>| {
        told.extend(text.map(|text| (name.to_owned(), json!(text))));
    };
    tell("ApproximateReceiveCount", Some(message.receives.to_string()));
    tell("ApproximateFirstReceiveTimestamp", Some(first.0.to_string()));
    tell("SentTimestamp", Some(message.sent.0.to_string()));
    tell("SenderId", Some(world.home.account.clone()));
    tell("MessageGroupId", message.content.group.clone());
    tell("MessageDeduplicationId", message.content.deduplication.clone());
    let in_order = message.content.group.is_some() && message.content.deduplication.is_some();
    tell("SequenceNumber", in_order.then(|| sequence(message.id)));
    let source = message.came_from.as_ref().map(|name| world.arn("sqs", name));
    tell("DeadLetterQueueSourceArn", source);
    told
}

pub(super) fn delete(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let now = world.now;
    let queue = &mut world.sqs.queues[place];
    let receipt = received(queue, input)?;
    match queue.delete(receipt, now) {
        Deleted::Expired => Err(wrong("ReceiptHandle", &text(input), "The receipt handle has expired.")),
        Deleted::Now | Deleted::Before | Deleted::Outdated => Ok(json!({})),
    }
}

pub(super) fn change_visibility(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let seconds = number(input, "VisibilityTimeout", 0..=VISIBILITY_SECONDS_MAX)?.unwrap_or_default();
    let now = world.now;
    let queue = &mut world.sqs.queues[place];
    let receipt = received(queue, input)?;
    match queue.hold_for(receipt, seconds, now) {
        Ok(()) => Ok(json!({})),
        Err(Deleted::Before) => Err(wrong(
            "ReceiptHandle",
            &text(input),
            "Message does not exist or is not available for visibility timeout change.",
        )),
        Err(_) => Err(Refusal::new(
            "MessageNotInflight",
            "The specified message isn't in flight.",
        )),
    }
}

/// The receive that a receipt handle stands for.
fn received(queue: &Queue, input: &Value) -> Result<Receipt, Refusal> {
    let given = text(input);
    let digits = given.strip_prefix("AQEB").and_then(|rest| rest.split_once('/'));
    let read = digits.and_then(|(id, receive)| {
        let id = u64::from_str_radix(id, 16).ok()? ^ queue.salt;
        let receive = u32::from_str_radix(receive, 16).ok()?;
        Some(Receipt { id, receive })
    });
    read.ok_or_else(|| {
        let text = format!("The input receipt handle \"{given}\" is not a valid receipt handle.");
        Refusal::new("ReceiptHandleIsInvalid", text)
    })
}

fn text(input: &Value) -> String {
    input["ReceiptHandle"].as_str().unwrap_or_default().to_owned()
}

/// Opaque to callers, another one for each receive.
fn handle(salt: u64, receipt: Receipt) -> String {
    format!("AQEB{:016x}/{:08x}", receipt.id ^ salt, receipt.receive)
}

/// Shaped as a UUID, and the same however often it is asked for.
fn message_id(salt: u64, id: u64) -> String {
    let mixed = (id ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{id:012x}",
        mixed >> 32,
        (mixed >> 16) & 0xffff,
        mixed & 0xfff,
        0x8000 | (salt & 0x3fff),
    )
}

/// Twenty digits that grow.
fn sequence(id: u64) -> String {
    format!("188{id:017}")
}
