use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// AWS did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation} on {on}: {why}{}", text(.code.as_deref(), .message))]
pub struct Refused {
    /// Operation.
    pub operation: &'static str,
    /// What it was tried on.
    pub on: String,
    /// What kind of no it was.
    pub why: Why,
    /// AWS's error code.
    pub code: Option<String>,
    /// AWS's words, bounded.
    pub message: String,
}

/// Kinds of no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Asked too often.
    #[error("throttled")]
    Throttled,
    /// No answer in time; whether it took effect is not known.
    #[error("no answer in time")]
    TimedOut,
    /// AWS could not be reached.
    #[error("not reached")]
    NotReached,
    /// AWS is in trouble.
    #[error("AWS failed")]
    ServerFailed,
    /// Not allowed.
    #[error("not allowed; the function's role lacks this action on this resource")]
    Denied,
    /// Any other, told by its code.
    #[error("refused")]
    Refused,
}

fn text(code: Option<&str>, message: &str) -> String {
    match (code, message) {
        (None, "") => String::new(),
        (None, message) => format!(" ({message})"),
        (Some(code), "") => format!(" ({code})"),
        (Some(code), message) => format!(" ({code}: {message})"),
    }
}

/// AWS's words go into journals and logs that people read, so they are bounded and without line breaks. What is denied
/// comes last in a denial, after the caller's long name, and must still be in it.
const MESSAGE_MAX: usize = 500;

impl Refused {
    /// From what the SDK reports.
    pub fn from_sdk<E, R>(operation: &'static str, on: impl Into<String>, error: &SdkError<E, R>) -> Refused
    where
        E: ProvideErrorMetadata,
    {
        let (why, code, message) = match error {
            SdkError::ServiceError(context) => {
                let code = context.err().code().map(str::to_owned);
                let message = context.err().message().unwrap_or_default().to_owned();
                (kind(code.as_deref()), code, message)
            }
            SdkError::TimeoutError(_) => (Why::TimedOut, None, String::new()),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => (Why::TimedOut, None, String::new()),
            SdkError::DispatchFailure(failure) => (
                Why::NotReached,
                None,
                failure
                    .as_connector_error()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
            SdkError::ResponseError(_) => (Why::ServerFailed, None, "an answer that cannot be read".to_owned()),
            _ => (Why::Refused, None, "a request that could not be built".to_owned()),
        };
        let message = decide::bounded(&message, MESSAGE_MAX);
        Refused {
            operation,
            on: on.into(),
            why,
            code,
            message,
        }
    }

    /// Whether AWS answered with this error code.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the same call may well succeed a little later.
    pub fn may_pass(&self) -> bool {
        matches!(
            self.why,
            Why::Throttled | Why::TimedOut | Why::NotReached | Why::ServerFailed
        )
    }
}

pub(crate) fn kind(code: Option<&str>) -> Why {
    match code {
        Some(
            "ThrottlingException"
            | "Throttling"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "RequestThrottled",
        ) => Why::Throttled,
        Some("AccessDeniedException" | "AccessDenied" | "UnrecognizedClientException") => Why::Denied,
        Some(
            "ServerException"
            | "InternalServerError"
            | "InternalFailure"
            | "ServiceUnavailable"
            | "InternalServiceFault",
        ) => Why::ServerFailed,
        // A 500 whose body names no code.
        None => Why::ServerFailed,
        Some(_) => Why::Refused,
    }
}
