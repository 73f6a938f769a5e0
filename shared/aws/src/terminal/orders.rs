//! Orders of a person at a terminal: who they are is AWS STS's word, and `advance` takes them.

use super::invoke::invoke;
use super::{Terminal, is_unsigned, said};
use crate::event::bounded;
use crate::refused::{Refused, Why};
use serde_json::Value;

/// Longest answer of a function's that is shown, in characters.
const SHOWN_MAX: usize = 700;

/// Code of an error that goes away by itself, as `advance` names it.
const LEDGER: &str = "Serin.Ledger";

/// Times an order is given where the ledger could not be used; under one id it is one order.
const TRIES_MAX: u32 = 3;

impl Terminal {
    /// ARN of whoever sits there.
    ///
    /// # Errors
    /// One line that ends with the next step.
    pub async fn who(&self) -> Result<String, String> {
        let sts = aws_sdk_sts::Client::new(&self.config);
        let reply = sts.get_caller_identity().send().await;
        let reply = reply.map_err(|error| {
            let refused = Refused::from_sdk("GetCallerIdentity", "AWS STS", &error);
            let said = said(&refused);
            match is_unsigned(&refused) {
                true => format!("AWS does not accept these credentials{said}; sign in again"),
                false => {
                    format!("AWS STS does not say who you are{said}; see that `aws sts get-caller-identity` answers")
                }
            }
        })?;
        let arn = reply.arn.filter(|arn| !arn.is_empty());
        arn.ok_or_else(|| "AWS STS names nobody; see that `aws sts get-caller-identity` answers".to_owned())
    }

    /// Gives `advance`, under the name it has in this account, an order, and hears what became of it.
    ///
    /// # Errors
    /// Where nothing may have been done: one line that ends with the next step.
    pub async fn order(&self, function: &str, order: &Value) -> Result<Value, String> {
        let mut tries = 1;
        loop {
            match self.invoke(function, order).await? {
                Ok(answer) => return Ok(answer),
                Err((code, _)) if code == LEDGER && tries < TRIES_MAX => tries += 1,
                Err((_, message)) => return Err(bounded(&message, SHOWN_MAX)),
            }
        }
    }

    /// What the function answered, or by which code and in which words it failed.
    async fn invoke(&self, function: &str, payload: &Value) -> Result<Result<Value, (String, String)>, String> {
        let answered = invoke(&self.config, function, payload).await;
        let answered = answered.map_err(|refused| self.explain_invoke(&refused))?;
        let answer = answered.payload;
        if !answered.failed {
            return Ok(Ok(answer));
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let message = match text("errorMessage") {
            message if message.is_empty() => format!("{function} failed; its log group says why"),
            message => message,
        };
        Ok(Err((text("errorType"), message)))
    }

    fn explain_invoke(&self, refused: &Refused) -> String {
        let (function, region, said) = (&refused.on, &self.region, said(refused));
        match (refused.code.as_deref(), refused.why) {
            (Some("ResourceNotFoundException"), _) => format!(
                "there is no function {function} in {region} of this account; name the stack's output \
                 AdvanceFunctionName with --function or SERIN_ADVANCE"
            ),
            _ if is_unsigned(refused) => format!("AWS does not accept these credentials{said}; sign in again"),
            (_, Why::Denied) => {
                format!("these credentials may not order anything{said}; they need lambda:InvokeFunction on {function}")
            }
            _ => format!("{refused}; see with `serin status` what was done before you order it again"),
        }
    }
}
