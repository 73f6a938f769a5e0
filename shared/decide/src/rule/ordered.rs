//! What a person's order ends: the release that somebody aborts is rolled back.

use crate::{Cause, Release, order};

/// Why it is rolled back, where somebody ordered that.
pub fn aborted(release: &Release) -> Option<Cause> {
    order::aborted(release).map(|ordered| Cause::Ordered {
        by: ordered.by.clone(),
        why: ordered.why.clone(),
    })
}
