//! One JSON line per decision, on standard output, for CloudWatch Logs.

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging at the level of `AWS_LAMBDA_LOG_LEVEL`, else INFO.
pub fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL")
        .ok()
        .and_then(|level| level.to_lowercase().parse().ok());
    lines(level.unwrap_or(LevelFilter::INFO), std::io::stdout).init();
}

/// What writes the lines, down to a level: `timestamp`, `level`, `message` and whatever is logged stand side by side, as
/// Powertools for AWS Lambda has them.
pub fn lines<W>(level: LevelFilter, to: W) -> impl SubscriberInitExt
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_max_level(level)
        .with_writer(to)
        .finish()
}
