//! What people are told of ends.

use super::{is_approved, is_bad, under};
use decide::Phase;
use decide::notice::What;
use stories::whole::Cut;

#[test]
fn law_17_catches_who_says_nothing_in_the_end() {
    let broken = under(Cut::WithOpen, is_approved, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if matches!(decision.next.phase, Phase::Closed { .. }) {
            decision.notices.clear();
        }
        decision
    });
    assert_eq!(broken, [17]);
}

#[test]
fn law_17_catches_who_says_it_twice() {
    let broken = under(Cut::WithOpen, is_bad, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if matches!(decision.next.phase, Phase::Closed { .. })
            && let Some(notice) = decide::decide(policy, &forgetful(release), seen, at).notices.first()
        {
            let mut notice = notice.clone();
            if let What::RolledBack(back) = &mut notice.what {
                back.failed_before = true;
            }
            decision.notices.push(notice);
        }
        decision
    });
    assert_eq!(broken, [17]);
}

/// The same release, of which nothing was said.
fn forgetful(release: &decide::Release) -> decide::Release {
    let mut release = release.clone();
    release
        .facts
        .retain(|_, fact| !matches!(fact, decide::Fact::Noticed { .. }));
    release
}
