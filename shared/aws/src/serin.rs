use crate::Clients;
use crate::connect::{self, NoBundle};
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use aws_config::SdkConfig;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};
use aws_smithy_async::time::SharedTimeSource;
use decide::{At, Decision, Home, Policy, Release, Seen};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// How decisions are taken: [`decide::decide`], or a wrapper that a test puts around it.
pub type Decide = Arc<dyn Fn(&Policy, &Release, &Seen, At) -> Decision + Send + Sync>;

/// What every function works with.
#[derive(Clone)]
pub struct Serin {
    /// Clients of AWS.
    pub clients: Clients,
    /// The ledger.
    pub ledger: Ledger,
    /// The account this stack lives in.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its partition: `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// ARN of the state machine that is the clock of open releases, where there is one.
    pub clock: Option<String>,
    /// ARN of the state machine that sends notices, where this function sends any.
    pub notices: Option<String>,
    /// The same, where this function says what a push waits for; it sends no notice of a release.
    pub start_notices: Option<String>,
    /// ARN of the topic by which manual approvals ask Serin, where there is one.
    pub approvals: Option<String>,
    /// What takes the lines of metrics.
    pub metrics: Metrics,
    decide: Decide,
    time: SharedTimeSource,
    sleep: Option<SharedAsyncSleep>,
}

/// Why a function cannot work at all.
#[derive(Debug, thiserror::Error)]
pub enum SetUp {
    /// A setting is missing.
    #[error("the environment variable {name} is missing; template.yaml sets it to {meaning}")]
    Missing {
        /// Its name.
        name: &'static str,
        /// What belongs there.
        meaning: &'static str,
    },
    /// A file of roots cannot be read.
    #[error(transparent)]
    NoBundle(#[from] NoBundle),
}

impl Serin {
    /// From Lambda's environment.
    ///
    /// # Errors
    /// Where a setting is missing.
    pub async fn from_environment() -> Result<Serin, SetUp> {
        let table = variable("SERIN_TABLE", "the name of the ledger's table")?;
        let account = variable("SERIN_ACCOUNT", "the account's twelve digits")?;
        let config = connect::configuration().await?;
        let mut serin = Serin::new(&config, "serin", table, account, Arc::new(decide::decide));
        let optional = |name: &str| std::env::var(name).ok().filter(|arn| !arn.is_empty());
        serin.clock = optional("SERIN_CLOCK");
        serin.notices = optional("SERIN_NOTICES");
        serin.start_notices = optional("SERIN_START_NOTICES");
        serin.approvals = optional("SERIN_APPROVALS");
        serin.metrics = Metrics::to_stdout();
        Ok(serin)
    }

    /// From settings, for functions and for stories.
    pub fn new(config: &SdkConfig, budget: &str, table: String, account: String, decide: Decide) -> Serin {
        let clients = Clients::new(config, budget);
        let time = config.time_source().unwrap_or_default();
        let ledger = Ledger::new(clients.dynamodb.clone(), table);
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        Serin {
            clients,
            ledger,
            account,
            partition: partition(&region).to_owned(),
            region,
            clock: None,
            notices: None,
            start_notices: None,
            approvals: None,
            metrics: Metrics::default(),
            decide,
            time,
            sleep: config.sleep_impl(),
        }
    }

    /// Now.
    pub fn now(&self) -> At {
        let since = self.time.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        At::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// The account and region that this stack lives in.
    pub(crate) fn home(&self) -> Home {
        Home {
            account: self.account.clone(),
            region: self.region.clone(),
            partition: self.partition.clone(),
        }
    }

    /// Waits.
    pub(crate) async fn pause(&self, duration: Duration) {
        if let Some(sleep) = &self.sleep {
            sleep.sleep(duration).await;
        }
    }

    /// Asks the rules.
    pub fn decide(&self, policy: &Policy, release: &Release, seen: &Seen) -> Decision {
        (self.decide)(policy, release, seen, self.now())
    }
}

impl fmt::Debug for Serin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serin")
            .field("account", &self.account)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

/// The partition that a region belongs to.
///
/// # Source
/// AWS General Reference, "Amazon Resource Names".
fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn variable(name: &'static str, meaning: &'static str) -> Result<String, SetUp> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or(SetUp::Missing { name, meaning })
}
