//! What dead-letter queues held, minute by minute, as CloudWatch has it in the end: what the check `dlq_growth` counts.

use super::evidence::{Evidence, Release, text};
use super::metric;
use super::world::{Run, service_arn};
use crate::Stage;
use serde_json::{Value, json};
use simulator::At;
use std::collections::BTreeMap;

/// How long a service may take until all its tasks run what it was given, and what the replaced ones held has died.
const SETTLED_SECONDS: i64 = 5 * 60;

/// Between what a queue holds and the look that counts it.
const LOOK_SECONDS: i64 = 2 * 60;

/// Messages in dead-letter queues, by queue and by the minute's begin.
#[derive(Clone, Debug, Default)]
pub struct Letters(BTreeMap<String, BTreeMap<At, u64>>);

/// The queue and the bound of a policy's first check that counts dead letters, if one does.
fn growth(policy: &Value) -> Option<(String, u64)> {
    let checks = policy["checks"].as_array()?;
    let check = checks.iter().find(|check| check["kind"] == "dlq_growth")?;
    Some((text(&check["queue"]), check["messages_max"].as_u64()?))
}

impl Letters {
    /// Asks CloudWatch for all that the policies' dead-letter queues ever held.
    pub(super) fn of(stage: &Stage) -> Letters {
        let queues = stage.policies.values().filter_map(growth);
        Letters(
            queues
                .map(|(queue, _)| (queue.clone(), depths(stage, &queue)))
                .collect(),
        )
    }
}

fn depths(stage: &Stage, queue: &str) -> BTreeMap<At, u64> {
    let metric = json!({
        "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": queue}],
    });
    metric::minutes(stage, &metric, "Maximum").into_iter().collect()
}

impl Evidence {
    /// When a release of an execution was taken back for dead letters, where CloudWatch knows that the queue had gained more
    /// than its policy allows by then.
    pub fn told_by_letters(&self, run: &Run) -> Option<At> {
        let (queue, most) = growth(&run.document)?;
        let held = self.letters.0.get(&queue)?;
        let counted = |release: &&Release| self.cause_of(release)["cause"] == "dlq_growth";
        let mut taken_back = run.releases(self).filter(counted);
        taken_back.find_map(|release| {
            let at = self.rollback_committed(release.id())?;
            let since = release.opened()?.min(self.world.armed(run)?);
            let held: Vec<u64> = held
                .range(since.plus_seconds(-LOOK_SECONDS)..at.plus_seconds(LOOK_SECONDS))
                .map(|(_, held)| *held)
                .collect();
            let gained: u64 = held.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).sum();
            // It was told by a look, which comes before what is written down of it.
            (gained > most).then(|| at.plus_seconds(-LOOK_SECONDS))
        })
    }

    /// When a dead-letter queue had gained more than its policy allows, while the canary of an execution was at rest and
    /// alone to answer for it. Only what it gained in a row, minute after minute, counts here: the rules count more.
    pub fn letters_gained(&self, run: &Run) -> Option<At> {
        let (queue, most) = growth(&run.document)?;
        let answers = self.answers_from(run).is_some() && !self.came_after_its_canary(run);
        let armed = self.world.armed(run).filter(|_| answers)?;
        let until = self.judged_until(run, armed);
        let moved = self.timeline.iter().filter(|task| {
            let canary = service_arn(&run.row.cluster, &run.row.canary);
            task.service == canary && task.at >= armed && task.at <= until
        });
        // Tasks that come and go drop what they hold, which is no growth.
        let from = moved
            .map(|task| task.at)
            .max()
            .unwrap_or(armed)
            .plus_seconds(SETTLED_SECONDS);
        let held: Vec<(At, u64)> = self
            .letters
            .0
            .get(&queue)?
            .range(from..)
            .map(|(at, held)| (*at, *held))
            .collect();
        let mut row = held.first().copied()?;
        for pair in held.windows(2) {
            let [(before, had), (at, has)] = [pair[0], pair[1]];
            if has < had || at.0 - before.0 > 60_000 {
                // Somebody took some out, or nobody counted for a while.
                row = (at, has);
            }
            // Whoever looks once a minute has seen what there was two minutes after the row began.
            let told = at.plus_seconds(60 + LOOK_SECONDS);
            let began = held.iter().find(|(at, _)| *at >= row.0.plus_seconds(LOOK_SECONDS));
            if began.is_some_and(|(began, held)| *began <= at && has > held + most) && told < until {
                return Some(told);
            }
        }
        None
    }
}
