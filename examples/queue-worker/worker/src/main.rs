//! A queue worker that Serin releases: it handles messages of one SQS queue, says by revision how many it failed, keeps
//! from being scaled in while it works, and gives back what it holds when it is told to stop.
//!
//! | file | question it answers |
//! |---|---|
//! | `settings` | what it is told by its environment |
//! | `consumer` | what becomes of a message, also when it is told to stop |
//! | `agent` | which revision it is, and how it keeps from being scaled in |
//! | `emf` | what it puts on record |
//! | `stop` | when it was told to stop |

mod agent;
mod consumer;
mod emf;
mod settings;
mod stop;

use agent::Agent;
use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use consumer::Consumer;
use settings::Settings;
use std::process::ExitCode;
use stop::Stop;

/// What stands for the revision outside ECS.
const NO_REVISION: &str = "none";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match work().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn work() -> Result<(), String> {
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings::read(&variable)?;
    let stop = Stop::listen().map_err(|error| format!("cannot listen to SIGTERM: {error}"))?;
    let agent = Agent::new(variable("ECS_CONTAINER_METADATA_URI_V4"), variable("ECS_AGENT_URI"));
    // Without it metrics could not be told apart, and a bad canary would look like stable.
    let revision = agent.revision().await?.unwrap_or_else(|| NO_REVISION.to_owned());
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .load()
        .await;
    eprintln!("{revision} takes from {}", settings.queue_url);
    Consumer::new(aws_sdk_sqs::Client::new(&config), agent, settings, revision, stop)
        .run()
        .await;
    eprintln!("told to stop, and done");
    Ok(())
}
