//! Wires [`approve::handle`] to Lambda.

use approve::{Said, Unsaid};
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
        let serin = ready.map_err(|error| Diagnostic {
            error_type: "Serin.NotSetUp".to_owned(),
            error_message: error.to_string(),
        })?;
        let answer = approve::handle(serin, &event.payload, &event.context.request_id).await;
        answer.map_err(|error| {
            tracing::error!(%error, "Lambda will try this again");
            let kind = match error {
                Unsaid::Job(_) => "Serin.JobNotAnswered",
                Unsaid::Approval(_) => "Serin.LedgerNotUsable",
            };
            Diagnostic {
                error_type: kind.to_owned(),
                error_message: error.to_string(),
            }
        }) as Result<Said, Diagnostic>
    }))
    .await
}
