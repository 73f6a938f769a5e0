//! One file per question; [`crate::decide`] lists them in order.

pub mod alarm;
pub mod arm;
pub mod closed;
pub mod identify;
pub mod overtaken;
pub mod roll_back;
pub mod wait;
