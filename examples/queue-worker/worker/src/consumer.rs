//! Receives messages, handles them one after the other, and leaves nothing behind when it is told to stop.

use crate::agent::Agent;
use crate::emf::Counts;
use crate::settings::Settings;
use crate::stop::Stop;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::Message;
use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What is left of the time to stop for giving back and for the last metrics.
const LAST_DEEDS: Duration = Duration::from_secs(2);
/// Pause after a receive that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// A worker.
pub struct Consumer {
    sqs: Client,
    agent: Agent,
    settings: Settings,
    /// `family:revision`.
    revision: String,
    stop: Stop,
    began: Instant,
    counts: Counts,
    counted_since: Instant,
}

impl Consumer {
    /// One that has done nothing yet.
    pub fn new(sqs: Client, agent: Agent, settings: Settings, revision: String, stop: Stop) -> Consumer {
        let now = Instant::now();
        Consumer {
            sqs,
            agent,
            settings,
            revision,
            stop,
            began: now,
            counts: Counts::default(),
            counted_since: now,
        }
    }

    /// Works until it is told to stop.
    pub async fn run(mut self) {
        while !self.stop.told() {
            let batch = self.receive().await;
            if batch.is_empty() {
                self.unprotect().await;
            } else {
                self.work(batch).await;
            }
            self.record(false);
        }
        self.unprotect().await;
        self.record(true);
    }

    /// A receive is never cut short: what SQS has handed out for it nobody would see until its time is over.
    async fn receive(&mut self) -> VecDeque<Message> {
        let asked = self
            .sqs
            .receive_message()
            .queue_url(&self.settings.queue_url)
            .max_number_of_messages(self.settings.batch)
            .wait_time_seconds(self.settings.wait_seconds);
        match asked.send().await {
            Ok(received) => received.messages.unwrap_or_default().into(),
            Err(error) => {
                eprintln!("cannot receive: {}", DisplayErrorContext(&error));
                tokio::select! {
                    _ = self.stop.at() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
                VecDeque::new()
            }
        }
    }

    /// Handles a batch; once it is told to stop, the message in hand only, and that only while there is time.
    async fn work(&mut self, mut batch: VecDeque<Message>) {
        if !self.stop.told() {
            let longest = self.settings.longest(batch.len());
            if let Err(problem) = self.agent.protect(longest).await {
                eprintln!("not protected from scale-in: {problem}");
            }
        }
        while !self.stop.told() {
            let Some(message) = batch.pop_front() else { return };
            if !self.finishes(&message).await {
                batch.push_front(message);
            }
            self.record(false);
        }
        for message in batch {
            self.give_back(&message).await;
        }
    }

    /// Whether a message was handled or failed before the time to stop was over.
    async fn finishes(&mut self, message: &Message) -> bool {
        let (latency, mut stop) = (self.latency(), self.stop.clone());
        let patience = self.settings.stop.saturating_sub(LAST_DEEDS);
        let over = async move {
            let told = stop.at().await;
            tokio::time::sleep_until((told + patience).into()).await;
        };
        tokio::select! {
            () = over => return false,
            () = tokio::time::sleep(latency) => {}
        }
        let failed = self.fails(message.body().unwrap_or_default());
        self.counts.count(failed);
        // What failed stays where it is, and comes back when its visibility time-out is over.
        if !failed {
            self.delete(message).await;
        }
        true
    }

    /// The work itself: here it is nothing but time.
    fn latency(&self) -> Duration {
        self.settings.latency.mul_f64(0.5 + fastrand::f64())
    }

    fn fails(&self, kind: &str) -> bool {
        let settings = &self.settings;
        settings.fail_kind.as_deref().is_none_or(|wanted| wanted == kind)
            && self.began.elapsed() >= settings.fail_after
            && fastrand::u32(0..1000) < settings.fail_permille
    }

    async fn delete(&self, message: &Message) {
        let delete = self.sqs.delete_message().queue_url(&self.settings.queue_url);
        let deleted = delete.set_receipt_handle(message.receipt_handle.clone()).send().await;
        if let Err(error) = deleted {
            eprintln!(
                "handled and not deleted, it will come again: {}",
                DisplayErrorContext(&error)
            );
        }
    }

    /// Lets everybody see it at once.
    async fn give_back(&self, message: &Message) {
        let change = self.sqs.change_message_visibility().queue_url(&self.settings.queue_url);
        let change = change
            .set_receipt_handle(message.receipt_handle.clone())
            .visibility_timeout(0);
        if let Err(error) = change.send().await {
            eprintln!(
                "not given back, it comes when its time is over: {}",
                DisplayErrorContext(&error)
            );
        }
    }

    async fn unprotect(&mut self) {
        if let Err(problem) = self.agent.release().await {
            eprintln!("still protected from scale-in: {problem}");
        }
    }

    /// Puts on record what was done, when it is time.
    fn record(&mut self, last: bool) {
        if !last && self.counted_since.elapsed() < self.settings.metrics_every {
            return;
        }
        self.counted_since = Instant::now();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        if let Some(line) = self.counts.line(&self.settings.namespace, &self.revision, at) {
            println!("{line}");
        }
    }
}
