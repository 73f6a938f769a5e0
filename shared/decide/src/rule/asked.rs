//! Tells people that an approval waits for one of them, where the policy leaves it to a person.
//!
//! Each is said once for each request: what was said stands in the release, and by its key it is the same wherever it
//! is said again.

use super::approve;
use crate::notice::{About, Asked, What};
use crate::policy::Approver;
use crate::{At, Notice, Phase, Policy, Release, Seen};

/// Part of an approval's life that is left when people are reminded of it: a day of the seven that CodePipeline waits
/// where the action says nothing.
const REMINDED_BEFORE: i64 = 7;

/// What is to be said, and has not been.
pub fn say(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Notice> {
    let baked = matches!(release.phase, Phase::Gated { .. });
    if policy.approval != Approver::Human || !(baked || matches!(release.phase, Phase::Baking { .. })) {
        return None;
    }
    let approval = approve::asking(seen)?;
    let ordered = release.pipeline.as_ref().is_some_and(|run| run.approved.is_some());
    if ordered && approve::left_to_a_person(approval, seen).is_none() {
        // Serin answers it, as somebody has ordered: nobody need be asked.
        return None;
    }
    let mut evidence = approve::evidence(policy, release, seen, at);
    if let Some(but) = approve::unproven(policy, release, seen, at) {
        evidence = format!("{evidence}; but {but}");
    }
    let asked = Asked::of(release, approval, evidence)?;
    let since = approval.since?;
    let reminded_from = reminded_from(since, asked.expires);
    let notice = |what| Notice {
        about: About::of(policy, release, since),
        what,
    };
    let needed = notice(What::ApprovalNeeded(asked.clone()));
    let expires = notice(What::ApprovalExpires(asked));
    let said = release.noticed(&needed.key());
    if baked && said.is_none() {
        Some(needed)
    } else if at >= reminded_from
        && release.noticed(&expires.key()).is_none()
        // Who was told a moment ago need not be reminded.
        && said.is_none_or(|said| said < reminded_from)
    {
        Some(expires)
    } else {
        None
    }
}

/// When a seventh of its life is left.
fn reminded_from(since: At, expires: At) -> At {
    let life = expires.millis() - since.millis();
    At::from_millis(expires.millis() - life / REMINDED_BEFORE)
}

#[cfg(test)]
mod tests;
