//! Amazon SNS: topics and who subscribes to them.

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Sns {}
