//! What AWS knows: shapes of requests, replies and errors, taken from its own models.
//!
//! `simulator/models/extract.py` writes the files this reads; it names their source and version.

mod reply;
mod request;
#[cfg(test)]
mod tests;

pub use reply::{check_error, check_reply};
pub use request::check_request;

use regex::Regex;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One service as AWS describes it, as far as it is served here.
#[derive(Debug, Deserialize)]
pub struct Service {
    /// Folder name here, and botocore's (`ecs`).
    pub service: String,
    /// Date of the API, which the query protocol sends along.
    pub api_version: String,
    /// `1.0` or `1.1`, the end of awsJson's content type; empty where the service does not speak it.
    pub json_version: String,
    /// What stands before the operation in `X-Amz-Target`, and in the path of RPC v2 CBOR; empty where there is neither.
    pub target_prefix: String,
    /// Of replies in the query protocol.
    pub xml_namespace: Option<String>,
    /// AWS's protocol names: `json`, `smithy-rpc-v2-cbor`, `query`.
    pub protocols: Vec<String>,
    /// Whether error replies carry the code of the older query protocol in a header.
    pub query_compatible: bool,
    /// What is served.
    pub operations: BTreeMap<String, Operation>,
    /// All shapes that the operations reach, by AWS's names.
    pub shapes: BTreeMap<String, Shape>,
}

/// One operation: names of its shapes.
#[derive(Debug, Deserialize)]
pub struct Operation {
    /// Request; none takes no members.
    pub input: Option<String>,
    /// Reply; none has no members.
    pub output: Option<String>,
    /// Errors its page lists.
    pub errors: Vec<String>,
}

/// One shape.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Shape {
    /// Named members; errors are structures as well.
    Structure(Structure),
    /// Values in order.
    List {
        /// Shape of each.
        member: String,
        /// How many.
        #[serde(flatten)]
        bounds: Bounds,
    },
    /// Values by name.
    Map {
        /// Shape of the names.
        key: String,
        /// Shape of the values.
        value: String,
        /// How many.
        #[serde(flatten)]
        bounds: Bounds,
    },
    /// Text.
    String {
        /// The only values there are, where there are such.
        #[serde(rename = "enum", default)]
        allowed: Vec<String>,
        /// How long, in characters.
        #[serde(flatten)]
        bounds: Bounds,
        /// What the whole of it looks like.
        #[serde(default, deserialize_with = "whole")]
        pattern: Option<Pattern>,
    },
    /// 32 bits.
    Integer(Bounds),
    /// 64 bits.
    Long(Bounds),
    /// Floating point, 64 bits.
    Double(Bounds),
    /// True or false.
    Boolean,
    /// A moment; epoch seconds here.
    Timestamp,
    /// Bytes; base64 text here, as in awsJson.
    Blob(Bounds),
}

/// A structure's members and what is said of it as a whole.
#[derive(Debug, Deserialize)]
pub struct Structure {
    /// Shape names by member.
    pub members: BTreeMap<String, String>,
    /// Members that must be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// Exactly one member is set.
    #[serde(default)]
    pub union: bool,
    /// Any JSON at all.
    #[serde(default)]
    pub document: bool,
    /// HTTP status of an error, where AWS says one.
    pub status: Option<u16>,
    /// An error's code in the query protocol.
    pub code: Option<String>,
    /// Whether an error is the service's fault.
    #[serde(default)]
    pub fault: bool,
}

/// Least and most, of a number or of a length.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Bounds {
    /// Least.
    pub min: Option<f64>,
    /// Most.
    pub max: Option<f64>,
}

/// A pattern, as AWS writes it and as it is matched.
#[derive(Debug)]
pub struct Pattern {
    /// AWS's text, which its refusals quote.
    pub text: String,
    regex: Regex,
}

impl Pattern {
    /// Whether the whole text looks so.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// What lies beyond two bytes, as patterns have it that were written for UTF-16: pairs of surrogates.
const SURROGATES: &str = r"\uD800\uDC00-\uDBFF\uDFFF";

/// AWS's validators match whole values, though most patterns are written without anchors.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pattern>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let points = text.replace(SURROGATES, r"\u{10000}-\u{10FFFF}");
    let regex = Regex::new(&format!("^(?:{points})$")).map_err(serde::de::Error::custom)?;
    Ok(Some(Pattern { text, regex }))
}

impl Service {
    /// A shape by name. Files are closed under reachability, which a test holds.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// An error shape by the name that refusals carry.
    pub fn error(&self, code: &str) -> Option<&Structure> {
        match self.shapes.get(code) {
            Some(Shape::Structure(structure)) => Some(structure),
            _ => None,
        }
    }
}

static SERVICES: LazyLock<Vec<(&'static str, Service)>> = LazyLock::new(|| {
    [
        ("ecs", include_str!("../../models/ecs.json")),
        ("codepipeline", include_str!("../../models/codepipeline.json")),
        ("cloudwatch", include_str!("../../models/cloudwatch.json")),
        ("dynamodb", include_str!("../../models/dynamodb.json")),
        ("ssm", include_str!("../../models/ssm.json")),
        ("ecr", include_str!("../../models/ecr.json")),
        ("stepfunctions", include_str!("../../models/stepfunctions.json")),
        ("sqs", include_str!("../../models/sqs.json")),
        (
            "application-autoscaling",
            include_str!("../../models/application-autoscaling.json"),
        ),
        ("elbv2", include_str!("../../models/elbv2.json")),
    ]
    .into_iter()
    .map(|(name, text)| match serde_json::from_str(text) {
        Ok(service) => (name, service),
        // Compiled in, so this is found by the first test that runs, never by a user.
        Err(error) => panic!("simulator/models/{name}.json: {error}"),
    })
    .collect()
});

/// The services there are, in a fixed order.
pub fn services() -> impl Iterator<Item = (&'static str, &'static Service)> {
    SERVICES.iter().map(|(name, service)| (*name, service))
}

/// A service by its name here (`ecs`).
pub fn service(name: &str) -> Option<&'static Service> {
    services().find(|(n, _)| *n == name).map(|(_, service)| service)
}
