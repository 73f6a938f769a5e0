//! Wires [`open::handle`] to Lambda.

use aws::Serin;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use open::{Answered, Unanswered};
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
        let answer = open::handle(serin, &event.payload, &event.context.request_id).await;
        answer.map_err(|error| {
            tracing::error!(%error, "not answered");
            let kind = match &error {
                Unanswered::Job(_) => "Serin.JobNotAnswered",
                Unanswered::NotAStart(_) => "Serin.NotAStart",
                Unanswered::Start(_) => "Serin.Ledger",
            };
            Diagnostic {
                error_type: kind.to_owned(),
                error_message: error.to_string(),
            }
        }) as Result<Answered, Diagnostic>
    }))
    .await
}
