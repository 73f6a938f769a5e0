//! The clock: one Step Functions execution for each release and lap.

use crate::{Refused, Serin};
use serde_json::json;

impl Serin {
    /// Starts a lap of a release's clock. The sweep starts it anew where this fails.
    ///
    /// # Source
    /// AWS Step Functions API, `StartExecution`: the same name with the same input is the same execution
    /// while it runs, and an error once it has ended; both mean that this lap was started.
    pub(crate) async fn start_clock(&self, policy: &str, release: &str, lap: u32) {
        let Some(clock) = &self.clock else { return };
        let name = format!("{release}-{lap}");
        let input = json!({"policy": policy, "release": release, "lap": lap, "ticks": 0});
        let request = self
            .clients
            .sfn()
            .start_execution()
            .state_machine_arn(clock)
            .name(&name)
            .input(input.to_string());
        if let Err(error) = request.send().await {
            let refused = Refused::from_sdk("StartExecution", &name, &error);
            if !refused.is("ExecutionAlreadyExists") {
                tracing::warn!(%refused, "the clock was not started; the next sweep tries again");
            }
        }
    }
}
