//! What a field means that a frozen policy lacks: what was done before the field existed.

use super::{Approver, DEADLINE_MINUTES, OnNewRelease, Promotion, Rollback, UNTIL_PERMILLE};

pub(super) fn approval() -> Approver {
    Approver::Pipeline
}

pub(super) fn promotion() -> Promotion {
    Promotion::Pipeline
}

pub(super) fn watch_minutes() -> u32 {
    0
}

pub(super) fn on_new_release() -> OnNewRelease {
    OnNewRelease::Hold
}

pub(super) fn rollback() -> Rollback {
    Rollback::Allowed
}

pub(super) fn deadline_minutes() -> u32 {
    DEADLINE_MINUTES
}

pub(super) fn until_permille() -> u32 {
    UNTIL_PERMILLE
}
