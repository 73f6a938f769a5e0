//! Which queues there are, and what is told of them.

use super::queue::Queue;
use super::settings::{Settings, is_told};
use super::{address, asked, missing, number, wrong};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Map, Value, json};

/// Between two purges of a queue.
const PURGE_SECONDS: i64 = 60;
/// Most queues in one answer that lists them.
const LISTED_MAX: usize = 1000;

/// Addresses of queues, and the member that leads to the next page.
type Page = (Vec<String>, Option<(String, Value)>);

pub(super) fn create(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let name = input["QueueName"].as_str().unwrap_or_default().to_owned();
    let asked = input["Attributes"].as_object().cloned().unwrap_or_default();
    let fifo = name.ends_with(".fifo");
    check_name(&name)?;
    if !fifo && asked.contains_key("FifoQueue") {
        return Err(Refusal::new("InvalidAttributeName", "Unknown Attribute FifoQueue."));
    }
    if fifo && asked.get("FifoQueue") != Some(&json!("true")) {
        return Err(wrong(
            "QueueName",
            &name,
            "The name of a FIFO queue can only be given to a FIFO queue.",
        ));
    }
    let settings = Settings::new(fifo).with(&asked, |target| is_fifo(world, target))?;
    if let Some(place) = world.sqs.place(&name) {
        let told = world.sqs.queues[place].settings.told();
        // What the request does not name may differ.
        return match asked
            .keys()
            .find(|attribute| told.get(*attribute) != settings.told().get(*attribute))
        {
            None => Ok(json!({"QueueUrl": address(world, &name)})),
            Some(attribute) => Err(Refusal::new(
                "QueueNameExists",
                format!("A queue already exists with the same name and a different value for attribute {attribute}"),
            )),
        };
    }
    let now = world.now;
    let salt = world.sqs.rng.u64(..);
    world.sqs.queues.push(Queue::new(&name, settings, salt, now));
    world.sqs.touch(world.sqs.queues.len() - 1, now);
    Ok(json!({"QueueUrl": address(world, &name)}))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=80).contains(&name.len()) && stem.chars().all(allowed) {
        return Ok(());
    }
    Err(Refusal::new(
        "InvalidParameterValueException",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ))
}

fn is_fifo(world: &World, name: &str) -> Option<bool> {
    let place = world.sqs.place(name)?;
    Some(world.sqs.queues[place].settings.fifo)
}

pub(super) fn url(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let name = input["QueueName"].as_str().unwrap_or_default();
    let owner = input["QueueOwnerAWSAccountId"].as_str();
    let own = owner.is_none_or(|owner| owner == world.home.account);
    match world.sqs.place(name).filter(|_| own) {
        Some(place) => {
            world.sqs.touch(place, world.now);
            Ok(json!({"QueueUrl": address(world, name)}))
        }
        None => Err(missing()),
    }
}

pub(super) fn list(world: &World, input: &Value) -> Result<Value, Refusal> {
    let prefix = input["QueueNamePrefix"].as_str().unwrap_or_default();
    let names = world.sqs.queues.iter().map(|queue| queue.name.as_str());
    let (urls, next) = page(world, input, names.filter(|name| name.starts_with(prefix)).collect())?;
    // Where nothing is found, AWS leaves the list out.
    let mut reply = Map::new();
    if !urls.is_empty() {
        reply.insert("QueueUrls".to_owned(), json!(urls));
    }
    reply.extend(next);
    Ok(Value::Object(reply))
}

/// Queues whose dead-letter queue this is. Here the list is there also where nothing is found: AWS's model requires it.
pub(super) fn list_sources(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let name = &world.sqs.queues[place].name;
    let dies_here = |queue: &&Queue| {
        let redrive = queue.settings.redrive.as_ref();
        redrive.is_some_and(|redrive| redrive.target == *name)
    };
    let names = world.sqs.queues.iter().filter(dies_here);
    let (urls, next) = page(world, input, names.map(|queue| queue.name.as_str()).collect())?;
    let mut reply = Map::from_iter([("queueUrls".to_owned(), json!(urls))]);
    reply.extend(next);
    Ok(Value::Object(reply))
}

/// Addresses of one page of queues, and the member that leads to the next. Pages only where the request has `MaxResults`
/// (ListQueues, ListDeadLetterSourceQueues, API reference).
fn page(world: &World, input: &Value, mut names: Vec<&str>) -> Result<Page, Refusal> {
    let most = number(input, "MaxResults", 1..=LISTED_MAX as i64)?;
    let after = input["NextToken"].as_str();
    names.sort_unstable();
    names.retain(|name| after.is_none_or(|after| *name > after));
    let size = most.map_or(LISTED_MAX, |most| usize::try_from(most).unwrap_or(LISTED_MAX));
    let page = &names[..names.len().min(size)];
    let more = most.is_some() && page.len() < names.len();
    let next = page.last().filter(|_| more);
    Ok((
        page.iter().map(|name| address(world, name)).collect(),
        next.map(|last| ("NextToken".to_owned(), json!(last))),
    ))
}

/// No names, no attributes.
pub(super) fn get_attributes(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let queue = &world.sqs.queues[place];
    let depth = queue.depth();
    let mut told = queue.settings.told();
    for (name, text) in [
        ("ApproximateNumberOfMessages", depth.visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", depth.held.to_string()),
        ("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string()),
        ("CreatedTimestamp", (queue.created.0 / 1000).to_string()),
        ("LastModifiedTimestamp", (queue.modified.0 / 1000).to_string()),
        ("QueueArn", world.arn("sqs", &queue.name)),
    ] {
        told.insert(name.to_owned(), json!(text));
    }
    let names = input["AttributeNames"].as_array().cloned().unwrap_or_default();
    told.retain(|name, _| names.iter().any(|asked| asked == "All" || asked == name));
    if told.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({ "Attributes": told }))
}

pub(super) fn set_attributes(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let attributes = input["Attributes"].as_object().cloned().unwrap_or_default();
    if let Some(name) = attributes.keys().find(|name| is_told(name) || *name == "FifoQueue") {
        return Err(Refusal::new(
            "InvalidAttributeName",
            format!("Unknown Attribute {name}."),
        ));
    }
    let settings = world.sqs.queues[place].settings.clone();
    let settings = settings.with(&attributes, |target| is_fifo(world, target))?;
    let queue = &mut world.sqs.queues[place];
    queue.settings = settings;
    queue.modified = world.now;
    Ok(json!({}))
}

pub(super) fn purge(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let place = asked(world, input)?;
    let now = world.now;
    let queue = &mut world.sqs.queues[place];
    if queue.purged.is_some_and(|at| now < at.plus_seconds(PURGE_SECONDS)) {
        let text = format!(
            "Only one PurgeQueue operation on {} is allowed every {PURGE_SECONDS} seconds.",
            queue.name
        );
        return Err(Refusal::new("PurgeQueueInProgress", text));
    }
    queue.purge(now);
    Ok(json!({}))
}
