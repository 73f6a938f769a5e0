//! AWS in memory, under a virtual clock.
//!
//! Real SDK clients reach it through their own HTTP connector ([`connector`]), anything else that
//! speaks to AWS reaches it over a port ([`port`]). It knows nothing of Serin: it imports none of
//! its crates and can be judged by others (see `simulator/judge/`).
//!
//! # Shape
//!
//! ```text
//! bytes → wire (protocol) → model (is this a request AWS knows?) → service file → model → bytes
//! ```
//!
//! Each service is one folder with two entry points, `call` (a request) and `run_due` (time has
//! passed). Both take the whole [`World`], since services act on each other: a pipeline deploys to
//! ECS, an alarm sends an event.

#[cfg(test)]
mod asked;
pub mod autoscaling;
pub mod chaos;
pub mod cloudwatch;
pub mod codepipeline;
pub mod connector;
pub mod dynamodb;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod eventbridge;
pub mod executor;
pub mod faults;
pub mod iam;
pub mod lambda;
pub mod model;
pub mod port;
pub mod refusal;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod stepfunctions;
pub mod time;
pub mod wire;
pub mod workload;
pub mod world;

pub use chaos::Chaos;
pub use executor::{Functions, Invocation, Sim};
pub use refusal::Refusal;
pub use time::At;
pub use world::{Delivery, World};
