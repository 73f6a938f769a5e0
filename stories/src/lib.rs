//! Proof: told stories, and laws that judge them.
//!
//! # Shape
//! A story is a script a person can read ([`told`]); it is played on a [`Stage`], which is a simulated
//! account ([`simulator`]) with our functions in it, reached through the real SDK. What happened is
//! judged by [`law`], which looks at the simulated world and at the ledger, never at the rules.

pub mod balancer;
pub mod demo;
pub mod diary;
pub mod fixture;
pub mod handlers;
pub mod law;
pub mod queue;
pub mod scene;
pub mod scenes;
pub mod stage;
pub mod swarm;
pub mod template;
pub mod told;
pub mod whole;

pub use stage::Stage;
