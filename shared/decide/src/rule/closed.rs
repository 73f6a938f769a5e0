//! Nothing happens to what is over.

use crate::{Decision, Phase, Release};

/// The decision about a closed release: none.
pub fn decision(release: &Release) -> Option<Decision> {
    let Phase::Closed { outcome } = &release.phase else {
        return None;
    };
    Some(Decision {
        next: release.clone(),
        because: format!("closed as {} at {}", outcome.name(), release.phase_since),
        lanes: Vec::new(),
        notices: Vec::new(),
        successor: None,
        look_again_seconds: None,
    })
}
