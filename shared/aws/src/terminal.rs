//! The ledger for a person at a terminal: whatever environment and configuration files give the AWS CLI its account.

mod invoke;
mod orders;

use crate::Clients;
use crate::connect::{self, NoBundle};
use crate::ledger::{Ledger, LedgerError, Reviewed};
use crate::refused::{Refused, Why};
use crate::review::{self, Review};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, ProvideCredentials as _, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_types::date_time::{DateTime, Format};
use decide::At;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;

/// Codes by which AWS says that it does not know who signed.
const UNSIGNED: [&str; 6] = [
    "ExpiredTokenException",
    "ExpiredToken",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "InvalidClientTokenId",
    "IncompleteSignature",
];

/// A ledger, and what AWS's clock says.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// The ledger.
    pub ledger: Ledger,
    /// Its table.
    pub table: String,
    /// Its region.
    pub region: String,
    heard: Heard,
    time: SharedTimeSource,
    config: SdkConfig,
}

/// Why the account cannot be asked; one line that ends with the next step.
#[derive(Debug, thiserror::Error)]
pub enum NoWay {
    /// A file of roots cannot be read.
    #[error(transparent)]
    NoBundle(#[from] NoBundle),
    /// Nobody says which region.
    #[error("no AWS region; set AWS_REGION, or `region` in the profile that AWS_PROFILE names")]
    NoRegion,
    /// Nobody says who asks.
    #[error(
        "no AWS credentials ({0}); sign in so that `aws sts get-caller-identity` answers, then: eval \"$(aws configure \
         export-credentials --format env)\""
    )]
    NoCredentials(String),
}

impl Terminal {
    /// From the AWS environment and configuration files; profiles of the IAM Identity Center only by what the AWS CLI
    /// exports.
    ///
    /// # Errors
    /// Where nothing says who asks, or where.
    pub async fn connect(table: &str) -> Result<Terminal, NoWay> {
        let (config, region) = signed_in().await?;
        let heard = Heard::default();
        let client = aws_sdk_dynamodb::config::Builder::from(&config).interceptor(heard.clone());
        Ok(Terminal {
            ledger: Ledger::new(aws_sdk_dynamodb::Client::from_conf(client.build()), table.to_owned()),
            table: table.to_owned(),
            region,
            heard,
            time: config.time_source().unwrap_or_default(),
            config,
        })
    }

    /// Now, by AWS's clock as its last answer told it: what is overdue must not depend on this machine's.
    pub fn now(&self) -> At {
        let heard = self.heard.0.load(Ordering::Relaxed);
        if heard > 0 {
            return At::from_millis(heard);
        }
        let since = self.time.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        At::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// What CloudWatch keeps of a release's time.
    pub async fn review(&self, of: &Reviewed, time: (At, At)) -> Review {
        let clients = Clients::new(&self.config, "serin");
        review::look(&clients, &of.policy, &of.release, time, self.now()).await
    }

    /// What went wrong, in one line that ends with the next step of whoever sits there.
    pub fn explain(&self, error: &LedgerError) -> String {
        explain(error, &self.table, &self.region)
    }
}

/// Settings of whoever sits there, who can sign, and the region.
pub(crate) async fn signed_in() -> Result<(SdkConfig, String), NoWay> {
    let config = connect::configuration().await?;
    let region = config.region().map(ToString::to_string).ok_or(NoWay::NoRegion)?;
    let provider = config
        .credentials_provider()
        .ok_or_else(|| NoWay::NoCredentials("no provider".to_owned()))?;
    // Asked first by itself: in a call it would only be said that the request could not be made.
    let asked = provider.provide_credentials().await;
    asked.map_err(|error| NoWay::NoCredentials(crate::event::bounded(&error.to_string(), 160)))?;
    Ok((config, region))
}

/// Whether AWS does not know who signed.
pub(crate) fn is_unsigned(refused: &Refused) -> bool {
    let code = refused.code.as_deref();
    code.is_some_and(|code| UNSIGNED.contains(&code))
}

/// As [`Terminal::explain`].
pub fn explain(error: &LedgerError, table: &str, region: &str) -> String {
    let LedgerError::Refused(refused) = error else {
        return error.to_string();
    };
    let said = said(refused);
    match (refused.code.as_deref(), refused.why) {
        (Some("ResourceNotFoundException"), _) => format!(
            "there is no table {table} in {region} of this account; name the stack's output LedgerTable with --table or \
             SERIN_TABLE, and its account and region as for the AWS CLI"
        ),
        _ if is_unsigned(refused) => format!("AWS does not accept these credentials{said}; sign in again"),
        (_, Why::Throttled) => format!(
            "DynamoDB throttles {} on {table}{said}; try again in a moment",
            refused.operation
        ),
        (_, Why::Denied) => format!(
            "these credentials may not {} on {table}{said}; they need dynamodb:GetItem and dynamodb:Query on that table",
            refused.operation
        ),
        (_, Why::NotReached | Why::TimedOut) => format!(
            "DynamoDB in {region} does not answer{said}; check AWS_REGION, AWS_ENDPOINT_URL and the network, then try again"
        ),
        (_, Why::ServerFailed) => format!(
            "DynamoDB fails at {} on {table}{said}; try again in a moment",
            refused.operation
        ),
        (Some("ValidationException"), _) => {
            format!("{table} in {region} is not Serin's ledger{said}; name the stack's output LedgerTable")
        }
        (_, Why::Refused) => error.to_string(),
    }
}

/// AWS's own words, in brackets.
pub(crate) fn said(refused: &Refused) -> String {
    match (refused.code.as_deref(), refused.message.as_str()) {
        (None, "") => String::new(),
        (None, message) => format!(" ({})", crate::event::bounded(message, 160)),
        (Some(code), "") => format!(" ({code})"),
        (Some(code), message) => format!(" ({code}: {})", crate::event::bounded(message, 160)),
    }
}

/// The `Date` of the last answer, in epoch milliseconds.
#[derive(Clone, Debug, Default)]
struct Heard(Arc<AtomicI64>);

impl Intercept for Heard {
    fn name(&self) -> &'static str {
        "serin-heard"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok()) {
            self.0.store(date.secs().saturating_mul(1000), Ordering::Relaxed);
        }
        Ok(())
    }
}
