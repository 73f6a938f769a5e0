//! Amazon ECR: repositories, images by digest, tags that move.
//!
//! | file | question it answers |
//! |---|---|
//! | `repository` | which image does a tag or digest mean, what becomes of both |
//! | `asking` | what is told about images |
//! | `stage` | what a docker client, a person or a lifecycle policy does to them |
//!
//! An image here is its digest: it has no layers, no size and no scans, is never archived, and its digest is
//! whatever the test says, not a hash. A repository holds images of one account and region, the world's own.

mod asking;
mod repository;
pub mod stage;

#[cfg(test)]
mod tests;

pub use repository::Repository;

use crate::refusal::Refusal;
use crate::world::{Home, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Ecr {
    repositories: BTreeMap<String, Repository>,
}

impl Ecr {
    /// The repository that an image name means, given without tag and digest
    /// (`<account>.dkr.ecr.<region>.amazonaws.com/<repository>`). None if it is not ECR's or not known here.
    pub fn repository(&self, home: &Home, named: &str) -> Option<&Repository> {
        let (host, repository) = named.split_once('/')?;
        let own = format!("{}.dkr.ecr.{}.amazonaws.com", home.account, home.region);
        (host == own).then(|| self.repositories.get(repository))?
    }
}

/// Answers one request.
///
/// # Errors
/// As AWS refuses.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "BatchGetImage" => asking::batch_get(world, input),
        "DescribeImages" => asking::describe(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("ecr has no {operation} here"),
        )),
    }
}
