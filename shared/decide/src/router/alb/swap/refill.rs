//! The old side that somebody has emptied while it was the way back: it is given tasks before everybody is sent to it.

use crate::router::AGAIN_SECONDS;
use crate::router::alb::swap::scaling::Turn;
use crate::router::consumer_share::counted;
use crate::{Action, At, Release, Seen, SeenService, Size};

/// What is done before the weights are returned; nothing, where nobody has to wait for that.
pub fn way(release: &mut Release, seen: &Seen, at: At) -> Option<Turn> {
    let stable = seen.stable.known().filter(|_| release.swaps)?;
    let canary = seen.canary.known();
    // Where the canary has no task either, nobody loses anything by the weights.
    if stable.desired > 0 && running(stable) > 0 || canary.is_some_and(|canary| running(canary) == 0) {
        return None;
    }
    let name = release.stable.name.clone();
    if stable.desired > 0 {
        let text = format!("none of the {} of {name} runs yet", counted(stable.desired));
        return Some(said(None, &text));
    }
    let given = release.size.as_ref().map(|size| size.given);
    let tasks = canary
        .map(|canary| canary.desired)
        .max(given)
        .unwrap_or_default()
        .max(1);
    let size = release.refilled.get_or_insert_with(|| Size::found(0, at));
    if size.given != tasks {
        size.give(tasks, at);
    } else if at >= size.at.plus_seconds(AGAIN_SECONDS) {
        size.at = at;
    }
    let text = format!("somebody has left {name} without tasks; it is given {}", counted(tasks));
    let act = Action::Scale {
        cluster: release.cluster.clone(),
        service: name,
        tasks,
    };
    Some(said(Some(act), &text))
}

fn said(act: Option<Action>, text: &str) -> Turn {
    Turn {
        act,
        text: Some(format!("{text}, and then the weights are returned")),
    }
}

fn running(service: &SeenService) -> u32 {
    service.primary.running + service.older_running
}

#[cfg(test)]
mod tests;
