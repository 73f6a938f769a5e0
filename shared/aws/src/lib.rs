//! The ECS and pipeline client library that serves all functions: observe, act, ledger, events.
//!
//! # Shape
//!
//! ```text
//! event → ledger.merge(fact) → decide → commit ∥ observe → decide → commit → act → note
//! ```
//!
//! Nothing is decided here. No other crate calls AWS.

#![deny(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod act;
pub mod approval;
pub mod begin;
mod clients;
mod clock;
pub mod connect;
pub mod event;
pub mod explicit;
pub mod gate;
mod images;
pub mod job;
pub mod ledger;
pub mod live;
pub mod logging;
pub mod metrics;
mod moment;
mod notice;
pub mod observe;
pub mod orders;
mod pem;
pub mod policies;
pub mod pushed;
mod refused;
pub mod review;
mod roles;
mod serin;
pub mod step;
pub mod sweep;
pub mod terminal;

pub use clients::Clients;
pub use refused::{Refused, Why};
pub use serin::{Decide, Serin, SetUp};
