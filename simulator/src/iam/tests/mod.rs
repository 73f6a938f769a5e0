mod contexts;
mod demanding;
mod documents;
mod evaluating;
mod refusing;

use super::Document;
use serde_json::{Value, json};

/// A policy of these statements.
fn policy(statements: Value) -> Document {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    Document::read(&document).unwrap_or_else(|wrong| panic!("{wrong}: {document}"))
}
