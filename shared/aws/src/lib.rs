//! Stub.
#![deny(missing_docs)]

pub mod event;
