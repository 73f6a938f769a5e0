//! One file per question; [`crate::decide`] lists them in order.

pub mod alarm;
pub mod approve;
pub mod arm;
pub mod asked;
pub mod barred;
pub mod check;
pub mod closed;
pub mod compare;
pub mod deploy;
pub mod dlq_growth;
pub mod dry_run;
pub mod ended;
pub mod forward;
pub mod health;
pub mod identify;
pub mod images_from;
pub mod metric;
pub mod ordered;
pub mod prepare;
pub mod promote;
pub mod retire;
pub mod roll_back;
pub mod scaling;
pub mod step;
pub mod successor;
pub mod told;
pub mod undecided;
pub mod unseen;

use crate::{At, Release};

/// The release before it has outlived its watch, which ran on in here.
pub fn watch_ended(release: &mut Release, at: At) {
    release.watched.take_if(|watched| at >= watched.until);
}
