//! What the ECS agent tells a task, and is told by it: which revision it is, and that it must not be scaled in now.
//!
//! # Source
//! "Amazon ECS task metadata endpoint version 4", "Task scale-in protection endpoint", Amazon ECS developer guide.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long the agent is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest protection that the agent takes.
const MINUTES_MAX: u64 = 2_880;

/// The agent of the host a task runs on. Outside ECS there is none: then nothing is asked, and nothing protected.
pub struct Agent {
    client: Client<HttpConnector, Full<Bytes>>,
    metadata: Option<String>,
    protection: Option<String>,
    /// Until when the task is protected.
    protected_until: Option<Instant>,
}

impl Agent {
    /// By `ECS_CONTAINER_METADATA_URI_V4` and `ECS_AGENT_URI`.
    pub fn new(metadata: Option<String>, agent: Option<String>) -> Agent {
        Agent {
            client: Client::builder(TokioExecutor::new()).build_http(),
            metadata: metadata.map(|uri| format!("{uri}/task")),
            protection: agent.map(|uri| format!("{uri}/task-protection/v1/state")),
            protected_until: None,
        }
    }

    /// `family:revision` of the task's definition; nothing outside ECS.
    ///
    /// # Errors
    /// Where the agent does not say.
    pub async fn revision(&self) -> Result<Option<String>, String> {
        let Some(uri) = &self.metadata else { return Ok(None) };
        let task = self.ask(Method::GET, uri, None).await?;
        match (task["Family"].as_str(), task["Revision"].as_str()) {
            (Some(family), Some(revision)) => Ok(Some(format!("{family}:{revision}"))),
            _ => Err(format!("{uri} has no Family or Revision: {task}")),
        }
    }

    /// Protects the task for at least so long. What protects it long enough already is left as it is.
    ///
    /// # Errors
    /// Where ECS does not: it may be that all tasks but the wanted are protected already.
    pub async fn protect(&mut self, work: Duration) -> Result<(), String> {
        let needed = Instant::now() + work;
        if self.protected_until.is_some_and(|until| until >= needed) {
            return Ok(());
        }
        let minutes = minutes(work);
        self.put(json!({"ProtectionEnabled": true, "ExpiresInMinutes": minutes}))
            .await?;
        self.protected_until = Some(Instant::now() + Duration::from_secs(minutes * 60));
        Ok(())
    }

    /// Ends the protection, where there is one.
    ///
    /// # Errors
    /// Where ECS does not; it ends by itself then.
    pub async fn release(&mut self) -> Result<(), String> {
        if self.protected_until.take().is_none() {
            return Ok(());
        }
        self.put(json!({"ProtectionEnabled": false})).await
    }

    async fn put(&self, state: Value) -> Result<(), String> {
        let Some(uri) = &self.protection else { return Ok(()) };
        let answer = self.ask(Method::PUT, uri, Some(&state)).await?;
        // Success is told by what is there, not by the status alone: `failure` comes with one of its own.
        match answer["protection"]["ProtectionEnabled"] == state["ProtectionEnabled"] {
            true => Ok(()),
            false => Err(format!("{uri}: {answer}")),
        }
    }

    async fn ask(&self, method: Method, uri: &str, body: Option<&Value>) -> Result<Value, String> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(text)));
        let request = request.map_err(|error| format!("{uri}: {error}"))?;
        let exchange = async {
            let reply = self
                .client
                .request(request)
                .await
                .map_err(|error| format!("{uri}: {error}"))?;
            let body = reply.into_body().collect().await;
            let body = body.map_err(|error| format!("{uri}: {error}"))?.to_bytes();
            serde_json::from_slice(&body).map_err(|error| format!("{uri}: {error}"))
        };
        let answered = tokio::time::timeout(PATIENCE, exchange).await;
        answered.map_err(|_| format!("{uri}: no answer in {} s", PATIENCE.as_secs()))?
    }
}

/// Whole minutes, one more than the work takes: the agent counts in minutes, and the first has begun.
fn minutes(work: Duration) -> u64 {
    (work.as_secs().div_ceil(60) + 1).min(MINUTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::{Agent, minutes};
    use std::time::Duration;

    #[test]
    fn protection_is_sized_to_the_work() {
        for (seconds, wanted) in [(0, 1), (1, 2), (60, 2), (61, 3), (3_600, 61), (1_000_000, 2_880)] {
            assert_eq!(minutes(Duration::from_secs(seconds)), wanted, "{seconds} s");
        }
    }

    #[tokio::test]
    async fn outside_ecs_there_is_no_revision_and_nothing_to_protect() {
        let mut agent = Agent::new(None, None);
        assert_eq!(agent.revision().await, Ok(None));
        assert_eq!(agent.protect(Duration::from_secs(5)).await, Ok(()));
        assert_eq!(agent.release().await, Ok(()));
    }
}
