//! Wires [`advance::handle`] to Lambda.

use advance::Unanswered;
use aws::Serin;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::logging::start();
    let serin: OnceCell<Serin> = OnceCell::new();
    let serin = &serin;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let ready = serin.get_or_try_init(Serin::from_environment).await;
        let failed = |error_type: &str, error: String| Diagnostic {
            error_type: error_type.to_owned(),
            error_message: error,
        };
        let serin = ready.map_err(|error| failed("Serin.NotSetUp", error.to_string()))?;
        let answer = advance::handle(serin, &event.payload, &event.context.request_id).await;
        let kind = |error: &Unanswered| match error {
            Unanswered::NotATick { .. } => "Serin.NotATick",
            Unanswered::NotAnOrder(_) => "Serin.NotAnOrder",
            Unanswered::Ledger(_) => "Serin.Ledger",
        };
        answer.map_err(|error| failed(kind(&error), error.to_string())) as Result<Value, Diagnostic>
    }))
    .await
}
