//! Our functions, run by the simulator instead of Lambda; and the diary of what is seen happening.

use crate::template::deploy::Environment;
use crate::template::permissions::access_key;
use aws::metrics::Metrics;
use aws::{Decide, Serin};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use serde_json::Value;
use simulator::executor::Running;
use simulator::{Delivery, Functions, Invocation};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

/// One line of the diary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Epoch milliseconds.
    pub at: i64,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
}

/// What was seen, in order.
pub type Diary = Rc<RefCell<Vec<Line>>>;

/// Lines of metrics, as functions write them to their logs.
pub type Measured = Arc<Mutex<Vec<String>>>;

/// Our functions.
pub struct Handlers {
    /// The rules, or a wrapper around them.
    pub decide: Decide,
    /// Where everything is written down.
    pub diary: Diary,
    /// Every event on the bus.
    pub events: Rc<RefCell<Vec<Value>>>,
    /// What the functions have measured.
    pub measured: Measured,
    /// The simulated clock.
    pub time: aws_config::SdkConfig,
    /// What the functions are told, where a template is deployed.
    pub environment: Option<Environment>,
}

/// Settings with which the SDK works inside the simulator. A function signs with the key of its own role, anybody else
/// with an administrator's.
pub fn configuration(invocation: &Invocation) -> SdkConfig {
    let credentials = Credentials::builder()
        .access_key_id(access_key(&invocation.function))
        .secret_access_key("secret")
        .session_token("session")
        .provider_name("stories")
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(invocation.http.clone())
        .sleep_impl(invocation.sleep.clone())
        .time_source(invocation.time.clone())
        .retry_config(aws::connect::retries())
        .timeout_config(aws::connect::timeouts())
        .build()
}

/// What a function works with, inside the simulator.
pub fn serin(invocation: &Invocation, decide: Decide) -> Serin {
    let account = "111122223333".to_owned();
    Serin::new(
        &configuration(invocation),
        &invocation.label,
        crate::scene::TABLE.to_owned(),
        account,
        decide,
    )
}

fn millis(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Handlers {
    fn now(&self) -> i64 {
        self.time.time_source().map_or(0, |time| millis(time.now()))
    }

    fn note(&self, who: &str, what: String) {
        self.diary.borrow_mut().push(Line {
            at: self.now(),
            who: who.to_owned(),
            what,
        });
    }
}

impl Functions for Handlers {
    fn invoke(&self, invocation: Invocation) -> Running {
        let mut serin = serin(&invocation, self.decide.clone());
        let measured = Arc::clone(&self.measured);
        serin.metrics = Metrics::to(move |line| {
            if let Ok(mut lines) = measured.lock() {
                lines.push(line.to_owned());
            }
        });
        if let Some(environment) = &self.environment {
            serin.clock = Some(environment.clock.clone());
            serin.approvals.clone_from(&environment.approvals);
            serin.notices = environment.notices.get(&invocation.function).cloned();
            serin.start_notices = environment.start_notices.get(&invocation.function).cloned();
        }
        let diary = Rc::clone(&self.diary);
        Box::pin(async move {
            let Invocation {
                function,
                payload,
                label,
                time,
                ..
            } = invocation;
            let answer = match function.as_str() {
                "rollback" => match rollback::handle(&serin, &payload, &label).await {
                    Ok(answer) => serde_json::to_value(answer).map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                },
                "advance" => advance::handle(&serin, &payload, &label)
                    .await
                    .map_err(|error| error.to_string()),
                "open" => match open::handle(&serin, &payload, &label).await {
                    Ok(answer) => serde_json::to_value(answer).map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                },
                "approve" => match approve::handle(&serin, &payload, &label).await {
                    Ok(answer) => serde_json::to_value(answer).map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                },
                "promote" => match promote::handle(&serin, &payload, &label).await {
                    Ok(answer) => serde_json::to_value(answer).map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                },
                "watch" => match watch::handle(&serin, &payload, &label).await {
                    Ok(answer) => serde_json::to_value(answer).map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                },
                other => Err(format!("no function {other} here")),
            };
            for what in crate::diary::lines(&answer).into_iter().filter(|what| !what.is_empty()) {
                diary.borrow_mut().push(Line {
                    at: millis(time.now()),
                    who: function.clone(),
                    what,
                });
            }
            answer
        })
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        match delivery {
            Delivery::Invoke { function, payload, .. } if function == crate::scene::ROLLBACK => {
                vec![("rollback".to_owned(), payload.clone())]
            }
            Delivery::Invoke { function, payload, .. } | Delivery::Call { function, payload, .. } => function
                .strip_prefix("serin-")
                .filter(|name| ["advance", "approve", "open", "promote", "watch"].contains(name))
                .map(|name| (name.to_owned(), payload.clone()))
                .into_iter()
                .collect(),
            Delivery::Event(event) => {
                self.events.borrow_mut().push(event.clone());
                if let Some((who, what)) = crate::diary::happening(event) {
                    self.note(who, what);
                }
                Vec::new()
            }
            Delivery::Notification { topic, subject, .. } if crate::told::is_for_people(topic) => {
                self.note("notice", subject.clone().unwrap_or_default());
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}
