//! What goes wrong in an execution, by its name.
//!
//! Names: Step Functions developer guide, "Handling errors in Step Functions workflows".

/// Ends the execution whatever its retriers and catchers say.
pub(super) const RUNTIME: &str = "States.Runtime";
/// An intrinsic function that cannot be computed.
pub(super) const INTRINSIC: &str = "States.IntrinsicFailure";
/// A result that has no place in the input.
pub(super) const RESULT_PATH: &str = "States.ResultPathMatchFailure";
/// A payload that is too long.
pub(super) const DATA_LIMIT: &str = "States.DataLimitExceeded";
/// A task that took too long.
pub(super) const TIMEOUT: &str = "States.Timeout";

/// What an expression cannot do with its data; it does not know yet in which state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// Error name.
    pub error: &'static str,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    /// Data that an expression cannot be used on.
    pub fn runtime(message: impl Into<String>) -> Fault {
        Fault {
            error: RUNTIME,
            message: message.into(),
        }
    }

    /// An intrinsic function that cannot be computed.
    pub fn intrinsic(message: impl Into<String>) -> Fault {
        Fault {
            error: INTRINSIC,
            message: message.into(),
        }
    }
}

/// An error with its name, as Retry, Catch and the history know it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    /// Error name.
    pub error: Option<String>,
    /// Text for people, or the function's own words as JSON.
    pub cause: Option<String>,
}

impl Failure {
    /// An error that says why.
    pub fn new(error: &str, cause: impl Into<String>) -> Failure {
        Failure {
            error: Some(error.to_owned()),
            cause: Some(cause.into()),
        }
    }

    /// Its name; a Fail state may leave it out.
    pub fn name(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }
}

/// Why a function gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// `errorType` of the function's own error (`Sandbox.Timedout`), or `Lambda.` and the name of Lambda's own
    /// (`Lambda.TooManyRequestsException`); empty where the payload has none.
    pub error_type: String,
    /// Text for people.
    pub message: String,
}

impl FunctionError {
    /// An error of this type.
    pub fn new(error_type: &str, message: impl Into<String>) -> FunctionError {
        FunctionError {
            error_type: error_type.to_owned(),
            message: message.into(),
        }
    }
}
