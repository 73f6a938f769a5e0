//! The queue of a policy of row A: who sends to it, what both services' tasks do with its messages, and what became
//! of them.

use crate::Stage;
use crate::scene::{self, RowA};
use aws::event::EpochMillis;
use serde_json::json;
use simulator::sqs::stage as queues;
use simulator::workload::{Failing, How, Metrics, OnSigterm, Revision, Source, Tally, Work, stage as work};
use simulator::{At, Refusal, World};

/// What is said of a queue and its workers.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Messages sent, on average.
    pub per_second: f64,
    /// `maxReceiveCount`.
    pub receives_max: u32,
    /// Visibility time-out.
    pub visibility_seconds: i64,
    /// Messages of one receive.
    pub batch: usize,
    /// How long a message takes, at least and at most.
    pub handling_millis: (i64, i64),
    /// What workers do when they are told to stop.
    pub on_sigterm: OnSigterm,
    /// Message groups; a FIFO queue where there are any.
    pub groups: u32,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            per_second: 5.0,
            receives_max: 3,
            visibility_seconds: 30,
            batch: 1,
            handling_millis: (200, 400),
            on_sigterm: OnSigterm::Finishes,
            groups: 0,
        }
    }
}

/// Where a policy's queue is to be found.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    /// Its place in SQS.
    pub queue: usize,
    /// Place of its dead-letter queue.
    pub dlq: usize,
    /// Its work.
    pub work: usize,
}

impl Queue {
    /// Puts a queue with its dead-letter queue between a policy's services, whose alarm is on the depth of the latter.
    pub fn between(world: &mut World, row: &RowA, plan: &Plan) -> Queue {
        let kind = if plan.groups > 0 { ".fifo" } else { "" };
        let visibility = json!({"VisibilityTimeout": plan.visibility_seconds.to_string()});
        let name = format!("{}{kind}", row.name);
        let (queue, dlq) = queues::queue_with_dlq(world, &name, plan.receives_max, visibility);
        let services = [&row.canary, &row.name].map(|service| service_arn(world, row, service));
        let metrics = Metrics {
            namespace: "Orders".to_owned(),
            failed: "Failed".to_owned(),
            total: "Handled".to_owned(),
            dimension: "Revision".to_owned(),
        };
        let declared = Work {
            queue,
            services: services.to_vec(),
            batch: plan.batch,
            handling_millis: plan.handling_millis.0..=plan.handling_millis.1,
            on_sigterm: plan.on_sigterm,
            failing: Vec::new(),
            metrics: Some(metrics),
        };
        let work = work::work(world, declared);
        let source = Source {
            queue,
            per_second: plan.per_second,
            kinds: Vec::new(),
            groups: plan.groups,
        };
        work::source(world, source);
        Queue { queue, dlq, work }
    }

    /// An image fails messages: of one kind or all, so many of a thousand, once a task has run so long.
    pub fn fails(self, world: &mut World, digest: &str, kind: Option<&str>, permille: u32, after_seconds: i64) {
        let failing = Failing {
            digest: digest.to_owned(),
            service: None,
            kind: kind.map(str::to_owned),
            permille,
            after_seconds,
            how: How::Leaves,
        };
        work::fails(world, self.work, failing);
    }

    /// The environment of one service (by ARN) does not go with an image: its tasks fail so many of a thousand messages.
    pub fn fails_at(self, world: &mut World, service: String, digest: &str, permille: u32) {
        let failing = Failing {
            digest: digest.to_owned(),
            service: Some(service),
            kind: None,
            permille,
            after_seconds: 0,
            how: How::Leaves,
        };
        work::fails(world, self.work, failing);
    }

    /// Every message of a kind ends the process of a version that takes it in hand.
    pub fn ends(self, world: &mut World, digest: &str, kind: &str) {
        let failing = Failing {
            digest: digest.to_owned(),
            service: None,
            kind: Some(kind.to_owned()),
            permille: 1000,
            after_seconds: 0,
            how: How::Ends,
        };
        work::fails(world, self.work, failing);
    }

    /// What became of the messages until now.
    pub fn tally(self, world: &World) -> &Tally {
        work::tally(world, self.work)
    }

    /// Messages that are in the dead-letter queue, or were deleted, without having been handled.
    pub fn lost(self, world: &World) -> usize {
        work::lost(world, self.work, self.dlq)
    }

    /// Messages in the dead-letter queue that were handled all the same.
    pub fn dead_and_handled(self, world: &World) -> usize {
        work::dead_and_handled(world, self.work, self.dlq)
    }

    /// Messages that are in the dead-letter queue, seen or unseen.
    pub fn letters(self, world: &mut World) -> usize {
        world.sqs.depth(self.dlq, world.now).total()
    }

    /// A person empties the dead-letter queue.
    ///
    /// # Errors
    /// As SQS refuses: once a minute is the most.
    pub fn purge(world: &mut World, row: &RowA) -> Result<(), Refusal> {
        let asked = json!({"QueueName": row.dlq});
        let url = world.call("ann", "sqs", "GetQueueUrl", asked)?["QueueUrl"].clone();
        world
            .call("ann", "sqs", "PurgeQueue", json!({"QueueUrl": url}))
            .map(drop)
    }

    /// Messages that are in the queue, seen or unseen.
    pub fn waiting(self, world: &mut World) -> usize {
        world.sqs.depth(self.queue, world.now).total()
    }
}

/// ARN of a service of a policy.
pub fn service_arn(world: &World, row: &RowA, service: &str) -> String {
    world.arn("ecs", &format!("service/{}/{service}", row.cluster))
}

/// When an alarm went to ALARM, by the bus, in order.
pub fn rang(world: &World, alarm: &str) -> Vec<At> {
    let went = world.emitted.iter().filter(|event| {
        let detail = &event["detail"];
        event["detail-type"] == "CloudWatch Alarm State Change"
            && detail["alarmName"] == alarm
            && detail["state"]["value"] == "ALARM"
    });
    // The event says when to the second, its state to the millisecond.
    let moments = went.filter_map(|event| EpochMillis::parse(event["detail"]["state"]["timestamp"].as_str()?));
    moments.map(|millis| At(millis.0)).collect()
}

impl Stage {
    /// Puts a queue between a policy's services; from now on its dead letters are earned.
    ///
    /// # Panics
    /// Where there is no such policy.
    pub fn queue(&mut self, name: &str, plan: &Plan) -> Queue {
        let mut row = self.rows[name].clone();
        self.dlq.remove(&row.dlq);
        let queue = {
            let mut world = self.sim.world();
            if plan.groups > 0 {
                // The dead-letter queue of a FIFO queue is one too, and the alarm is on its depth.
                row.dlq = format!("{}.fifo", row.dlq);
                scene::alarm(&mut world, &row);
            }
            Queue::between(&mut world, &row, plan)
        };
        self.rows.insert(name.to_owned(), row);
        self.queues.insert(name.to_owned(), queue);
        queue
    }

    /// What all tasks with a version of a policy's image did.
    pub fn did(&self, name: &str, version: &str) -> Revision {
        let digest = self.rows[name].digest(version);
        let world = self.sim.world();
        self.queues[name].tally(&world).of_image(&digest)
    }
}
