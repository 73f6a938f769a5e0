//! The queues that alarms watch, and the queues whose messages die into them.
//!
//! # Source
//! Amazon SQS API reference: the redrive policy is an attribute of the source queue; `ListDeadLetterSourceQueues` finds
//! those that name a queue as theirs.

use super::unread;
use crate::refused::Refused;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use decide::Part;
use decide::live::{Queue, Source};
use futures_util::future::join_all;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Attributes of a queue, as text.
type Attributes = BTreeMap<String, String>;

pub(crate) async fn queues(client: &Client, names: BTreeSet<&str>) -> BTreeMap<String, Part<Option<Queue>>> {
    let read = names.into_iter().map(|name| async move {
        let queue = match queue(client, name).await {
            Ok(queue) => Part::Known(queue),
            Err(refused) => unread("sqs", &refused),
        };
        (name.to_owned(), queue)
    });
    join_all(read).await.into_iter().collect()
}

async fn queue(client: &Client, name: &str) -> Result<Option<Queue>, Refused> {
    let url = match client.get_queue_url().queue_name(name).send().await {
        Ok(reply) => reply.queue_url().unwrap_or_default().to_owned(),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_queue_does_not_exist()) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(Refused::from_sdk("GetQueueUrl", name, &error)),
    };
    let attributes = attributes(client, &url).await?;
    let messages = attributes.get(Name::ApproximateNumberOfMessages.as_str());
    Ok(Some(Queue {
        fifo: attributes
            .get(Name::FifoQueue.as_str())
            .is_some_and(|fifo| fifo == "true"),
        messages: messages.and_then(|messages| messages.parse().ok()).unwrap_or(0),
        redrives: attributes.contains_key(Name::RedrivePolicy.as_str()),
        sources: match sources(client, &url).await {
            Ok(sources) => Part::Known(sources),
            Err(refused) => unread("sqs", &refused),
        },
    }))
}

async fn attributes(client: &Client, url: &str) -> Result<Attributes, Refused> {
    let asked = client.get_queue_attributes().queue_url(url).attribute_names(Name::All);
    let reply = asked.send().await;
    let reply = reply.map_err(|error| Refused::from_sdk("GetQueueAttributes", last(url), &error))?;
    let told = reply.attributes().into_iter().flatten();
    Ok(told
        .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
        .collect())
}

/// By name, so that one world is told in one way.
async fn sources(client: &Client, url: &str) -> Result<Vec<Source>, Refused> {
    let mut urls = Vec::new();
    let mut pages = client
        .list_dead_letter_source_queues()
        .queue_url(url)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Refused::from_sdk("ListDeadLetterSourceQueues", last(url), &error))?;
        urls.extend(page.queue_urls().iter().cloned());
    }
    urls.sort();
    let read = urls.iter().map(|url| source(client, url));
    join_all(read).await.into_iter().collect()
}

async fn source(client: &Client, url: &str) -> Result<Source, Refused> {
    let attributes = attributes(client, url).await?;
    let number = |text: &str| text.parse::<u32>().ok();
    let visibility = attributes.get(Name::VisibilityTimeout.as_str());
    let redrive = attributes.get(Name::RedrivePolicy.as_str());
    let redrive = redrive.and_then(|policy| serde_json::from_str::<Value>(policy).ok());
    // A number, or the same as text.
    let receives = redrive
        .as_ref()
        .map(|policy| &policy["maxReceiveCount"])
        .and_then(|count| {
            let written = count.as_u64().and_then(|count| u32::try_from(count).ok());
            written.or_else(|| number(count.as_str()?))
        });
    match (receives, visibility.and_then(|seconds| number(seconds))) {
        (Some(receives_max), Some(visibility_seconds)) => Ok(Source {
            name: last(url).to_owned(),
            receives_max,
            visibility_seconds,
        }),
        _ => Err(Refused {
            operation: "GetQueueAttributes",
            on: last(url).to_owned(),
            why: crate::Why::Refused,
            code: None,
            message: "its redrive policy or visibility time-out cannot be read".to_owned(),
        }),
    }
}

/// The name of a queue, from its address.
fn last(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
