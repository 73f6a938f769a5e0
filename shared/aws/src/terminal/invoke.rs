//! AWS Lambda's `Invoke`, signed here: the SDK's client of Lambda can stream, and would have every function's clients
//! built with what that needs.
//!
//! # Source
//! AWS Lambda API reference, `Invoke`; signing by AWS's own `aws-sigv4`.

use crate::refused::{Refused, Why, kind};
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::Value;
use std::convert::Infallible;
use std::time::Duration;

/// The name that Lambda is signed for.
const SERVICE: &str = "lambda";

/// Until the connection stands.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Until the function has answered: its own time-out, and a start.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(70);

/// What Lambda answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// Whether the function failed.
    pub failed: bool,
    /// What it said.
    pub payload: Value,
}

/// What came over the wire.
#[derive(Debug)]
struct Reply {
    status: u16,
    error: Option<String>,
    failed: bool,
    body: Vec<u8>,
}

/// Invokes a function and waits for its answer.
pub(super) async fn invoke(config: &SdkConfig, function: &str, payload: &Value) -> Result<Answer, Refused> {
    let refused = |why, code: Option<String>, message: String| Refused {
        operation: "Invoke",
        on: function.to_owned(),
        why,
        code,
        message: crate::event::bounded(&message, 500),
    };
    let request = signed(config, function, payload.to_string()).await;
    let (endpoint, request) = request.map_err(|error| refused(Why::Refused, None, error.to_string()))?;
    let http = config
        .http_client()
        .ok_or_else(|| refused(Why::NotReached, None, "no HTTP client".to_owned()))?;
    let mut operation = Operation::builder()
        .service_name(SERVICE)
        .operation_name("Invoke")
        .http_client(http)
        .endpoint_url(&endpoint)
        .no_auth()
        .no_retry()
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_timeout(ANSWER_TIMEOUT)
                .build(),
        );
    if let Some(sleep) = config.sleep_impl() {
        operation = operation.sleep_impl(sleep);
    }
    let operation = operation
        .serializer(|request: Prepared| request.built())
        .deserializer(|response: &HttpResponse| Ok::<_, OrchestratorError<Infallible>>(received(response)))
        .build();
    let reply = operation.invoke(request).await.map_err(|error| match error {
        SdkError::TimeoutError(_) => refused(Why::TimedOut, None, String::new()),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => refused(Why::TimedOut, None, String::new()),
        other => refused(Why::NotReached, None, sources(&other)),
    })?;
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if reply.status >= 300 {
        let message = ["Message", "message"].iter().find_map(|name| answer[*name].as_str());
        let code = reply.error.as_deref().and_then(|code| code.split(':').next());
        return Err(refused(
            kind(code),
            code.map(str::to_owned),
            message.unwrap_or_default().to_owned(),
        ));
    }
    Ok(Answer {
        failed: reply.failed,
        payload: answer,
    })
}

/// A request that only needs to be sent.
#[derive(Debug)]
struct Prepared {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Prepared {
    fn built(self) -> Result<HttpRequest, BoxError> {
        let mut request = HttpRequest::new(SdkBody::from(self.body));
        request.set_method("POST")?;
        request.set_uri(self.path)?;
        for (name, value) in self.headers {
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}

/// Where it goes, and the request with whoever sits there as its sender.
async fn signed(config: &SdkConfig, function: &str, body: String) -> Result<(String, Prepared), BoxError> {
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    let endpoint = config.endpoint_url().map_or_else(|| endpoint(&region), str::to_owned);
    let endpoint = endpoint.trim_end_matches('/').to_owned();
    let provider = config.credentials_provider().ok_or("no credentials")?;
    let identity = Identity::from(provider.provide_credentials().await?);
    let time = config.time_source().ok_or("no clock")?;
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&region)
        .name(SERVICE)
        .time(time.now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let path = format!("/2015-03-31/functions/{}/invocations", escaped(function));
    let plain = [("content-type", "application/json")];
    let signable = SignableRequest::new(
        "POST",
        format!("{endpoint}{path}"),
        plain.into_iter(),
        SignableBody::Bytes(body.as_bytes()),
    )?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let headers = plain.into_iter().chain(instructions.headers());
    let headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Ok((endpoint, Prepared { path, headers, body }))
}

/// # Source
/// AWS General Reference, "AWS Lambda endpoints and quotas".
fn endpoint(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://lambda.{region}.amazonaws.com{suffix}")
}

/// A name or an ARN as a part of a path.
fn escaped(function: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    function.bytes().map(escape).collect()
}

fn received(response: &HttpResponse) -> Reply {
    let headers = response.headers();
    Reply {
        status: response.status().as_u16(),
        error: headers.get("x-amzn-errortype").map(str::to_owned),
        failed: headers.get("x-amz-function-error").is_some(),
        body: response.body().bytes().unwrap_or_default().to_vec(),
    }
}

/// What went wrong, with what that came from.
fn sources(error: &dyn std::error::Error) -> String {
    let mut texts = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::{endpoint, escaped};

    #[test]
    fn lambda_is_where_its_region_is() {
        assert_eq!(endpoint("eu-central-1"), "https://lambda.eu-central-1.amazonaws.com");
        assert_eq!(endpoint("cn-north-1"), "https://lambda.cn-north-1.amazonaws.com.cn");
        assert_eq!(endpoint("us-gov-west-1"), "https://lambda.us-gov-west-1.amazonaws.com");
    }

    #[test]
    fn whatever_somebody_names_a_function_stays_one_part_of_the_path() {
        assert_eq!(escaped("serin-Advance-1_a"), "serin-Advance-1_a");
        assert_eq!(escaped("arn:aws:lambda:x"), "arn%3Aaws%3Alambda%3Ax");
        assert_eq!(escaped("../a?b#c d"), "..%2Fa%3Fb%23c%20d");
    }
}
