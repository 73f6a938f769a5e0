//! Tells people, through a state machine that publishes to Serin's topic.
//!
//! # Guarantees
//! Once for each notice, whoever dies when: an execution's name is taken for ninety days, and the machine itself tries
//! again until SNS takes the message.

use super::Did;
use crate::{Refused, Serin};
use decide::{Action, Fact, Notice};
use serde_json::json;

impl Serin {
    /// Sends a notice.
    ///
    /// # Source
    /// AWS Step Functions API, `StartExecution`: a name that was used before is an error, whatever the input; the same
    /// name with the same input is the same execution while it runs. Either way the notice is on its way.
    pub(super) async fn tell_people(&self, action: &Action, release: &str, notice: &Notice) -> Did {
        let key = notice.key();
        let name = format!("{release}-{key}");
        let input = json!({"subject": notice.subject(), "message": notice.to_string()});
        let request = self
            .clients
            .sfn()
            .start_execution()
            .set_state_machine_arn(self.notices.clone())
            .name(&name)
            .input(input.to_string());
        if let Err(error) = request.send().await {
            let refused = Refused::from_sdk("StartExecution", &name, &error);
            if !refused.is("ExecutionAlreadyExists") {
                return Did::refused(action, &refused);
            }
        }
        let learned = Fact::Noticed {
            notice: key,
            since: self.now(),
        };
        Did {
            learned: Some(learned),
            ..Did::done(action, format!("people were told: {}", notice.subject()))
        }
    }
}
