//! Wires [`rollback::handle`] to Lambda.

use aws::Serin;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::logging::start();
    let serin: OnceCell<Serin> = OnceCell::new();
    let serin = &serin;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let serin = serin.get_or_try_init(Serin::from_environment).await?;
        Ok::<Value, Error>(rollback::handle(serin, &event.payload, &event.context.request_id).await?)
    }))
    .await
}
