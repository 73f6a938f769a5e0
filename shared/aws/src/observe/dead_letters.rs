//! How many messages dead-letter queues hold. Being asked keeps a queue awake, whose own metrics stop once nobody has
//! used it for six hours.

use super::unknown;
use crate::Clients;
use crate::refused::Refused;
use aws_sdk_sqs::types::QueueAttributeName;
use decide::{Part, Policy, Release};
use futures_util::future::join_all;
use std::collections::BTreeMap;

/// Seen and unseen together: whoever looks into a queue hides its messages for a while.
///
/// # Source
/// Amazon SQS API Reference, GetQueueAttributes.
const COUNTS: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    QueueAttributeName::ApproximateNumberOfMessagesDelayed,
];

/// The policy's queues, once there is something to judge.
pub(super) async fn depths(clients: &Clients, policy: &Policy, release: &Release) -> BTreeMap<String, Part<u64>> {
    if release.armed().is_none() && release.watched.is_none() {
        return BTreeMap::new();
    }
    let depths = policy.dead_letter_queues().map(|queue| async move {
        let depth = depth(clients, release, queue).await;
        (queue.to_owned(), depth)
    });
    join_all(depths).await.into_iter().collect()
}

async fn depth(clients: &Clients, release: &Release, queue: &str) -> Part<u64> {
    let request = clients
        .sqs()
        .get_queue_attributes()
        .queue_url(url(release, queue))
        .set_attribute_names(Some(COUNTS.to_vec()));
    let reply = match request.send().await {
        Ok(reply) => reply,
        Err(error) => {
            let refused = Refused::from_sdk("GetQueueAttributes", queue, &error);
            return if is_missing(&refused) {
                Part::Unknown(format!("SQS has no queue {queue}; create it, or correct the policy"))
            } else {
                unknown(&refused)
            };
        }
    };
    let told = reply.attributes();
    let count = |name: &QueueAttributeName| told?.get(name)?.parse::<u64>().ok();
    let counts: Option<Vec<u64>> = COUNTS.iter().map(count).collect();
    match counts {
        Some(counts) => Part::Known(counts.iter().sum()),
        None => Part::Unknown(format!("SQS does not say how many messages {queue} holds")),
    }
}

/// SQS names the error as it did before it spoke JSON; others in its place may not.
fn is_missing(refused: &Refused) -> bool {
    ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"]
        .iter()
        .any(|code| refused.is(code))
}

/// # Source
/// Amazon SQS Developer Guide, "Amazon SQS queue and message identifiers"; AWS General Reference, SQS endpoints.
fn url(release: &Release, queue: &str) -> String {
    let home = &release.home;
    let domain = match home.partition.as_str() {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    format!("https://sqs.{}.{domain}/{}/{queue}", home.region, home.account)
}
