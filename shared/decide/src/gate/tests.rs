use super::{Gate, Word, left_to_us, promotes_too_late, unanswerable, word};
use crate::policy::{Approver, Promotion, Step, Then, WhenUndecided};
use crate::testing::{armed, at, cause, failing, gated, opened, policy, promoting, rolling_back, watching};
use crate::{Approved, Cause, Execution, Outcome, Phase, Policy, Release, Watched};

fn automatic() -> Policy {
    Policy {
        approval: Approver::Automatic,
        promotion: Promotion::RollStable,
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 10,
        }],
        ..policy()
    }
}

fn execution() -> String {
    opened().pipeline.unwrap().execution
}

fn closed(outcome: Outcome) -> Release {
    Release {
        phase: Phase::Closed { outcome },
        ..armed()
    }
}

fn approved() -> Release {
    let mut release = gated();
    release.pipeline.as_mut().unwrap().approved = Some(Approved {
        at: at(700),
        evidence: "it baked".to_owned(),
        share_permille: None,
        told: None,
    });
    release
}

fn reached() -> Release {
    let mut release = armed();
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

/// Another execution's release, before which that one must not promote.
fn successor() -> Release {
    let mut other = armed();
    let own = other.pipeline.as_mut().unwrap();
    other.barred.push(Execution { ..own.clone() });
    own.execution = "ffffffff-0000-4000-8000-000000000000".to_owned();
    other.id = "orders-next".to_owned();
    other
}

/// Promoted, and the next release carries its watch on.
fn watched_on() -> Release {
    let mut release = watching();
    release.phase = Phase::Closed {
        outcome: Outcome::Superseded {
            by: "orders-next".to_owned(),
        },
    };
    release
}

/// Another execution's release, in which that watch runs on.
fn watches_on() -> Release {
    let mut other = successor();
    other.barred.clear();
    let promoted = watching();
    other.watched = Some(Watched {
        release: promoted.id.clone(),
        until: at(9_000),
        canary: promoted.canary,
        stable: promoted.stable,
        images: promoted.images,
    });
    other
}

/// It had nothing to release, and a person may have had the stage tried again since.
fn long_ago() -> Release {
    Release {
        phase_since: at(-600),
        ..closed(Outcome::Abandoned {
            why: "the same again".to_owned(),
        })
    }
}

fn said(gate: Gate, open: Option<Release>, last: Option<Release>) -> String {
    under(&automatic(), gate, open, last)
}

fn under(policy: &Policy, gate: Gate, open: Option<Release>, last: Option<Release>) -> String {
    match word(policy, gate, &execution(), open.as_ref(), last.as_ref(), at(360)) {
        Word::Yes(why) => format!("yes: {why}"),
        Word::NotYet(why) => format!("not yet: {why}"),
        Word::Nobody(why) => format!("nobody: {why}"),
        Word::No(why) => format!("no: {why}"),
        Word::WouldBeNo(why) => format!("would be no: {why}"),
    }
}

#[test]
fn a_dry_run_waits_as_it_would_and_fails_nothing() {
    let dry = || Policy {
        dry_run: true,
        promotion: Promotion::Pipeline,
        ..automatic()
    };
    let would = || closed(Outcome::WouldRollBack { cause: cause() });
    let superseded = Release {
        dry_run: true,
        ..closed(Outcome::Superseded {
            by: "orders-next".to_owned(),
        })
    };
    let cases = [
        (Some(opened()), None),
        (Some(reached()), None),
        (Some(rolling_back()), None),
        (None, Some(would())),
        (None, Some(superseded)),
        (Some(successor()), None),
        (None, None),
    ];
    for (open, last) in cases {
        let wet = said(Gate::Approve, open.clone(), last.clone());
        let dry = under(&dry(), Gate::Approve, open, last);
        match wet.strip_prefix("no: ") {
            Some(why) => assert_eq!(
                dry,
                format!("would be no: dry run, let go on though it would have failed: {why}")
            ),
            None => assert_eq!(dry, wet),
        }
    }
    // What is wrong with the pipeline is said, not passed over.
    let promote = under(&dry(), Gate::Promote, Some(reached()), None);
    assert!(promote.starts_with("no: policy orders does not leave"), "{promote}");
}

#[test]
fn what_was_taken_back_stays_failed_whatever_the_policy_has_become() {
    let dry = || Policy {
        dry_run: true,
        promotion: Promotion::Pipeline,
        ..automatic()
    };
    let wet = || Policy {
        promotion: Promotion::Pipeline,
        ..automatic()
    };
    let cases: [(Outcome, Policy, &str); 7] = [
        (Outcome::Overtaken { by: "ann".to_owned() }, dry(), "no: "),
        (Outcome::RolledBack { cause: cause() }, dry(), "no: "),
        (Outcome::RollbackFailed { cause: cause() }, dry(), "no: "),
        (Outcome::RolledBack { cause: cause() }, wet(), "no: "),
        (Outcome::WouldRollBack { cause: cause() }, wet(), "would be no: "),
        (Outcome::WouldRollBack { cause: cause() }, dry(), "would be no: "),
        (Outcome::Overtaken { by: "ann".to_owned() }, wet(), "no: "),
    ];
    for (outcome, policy, expected) in cases {
        let case = format!("{outcome:?} under dry_run {}", policy.dry_run);
        let said = under(&policy, Gate::Approve, None, Some(closed(outcome)));
        assert!(said.starts_with(expected), "{case}: {said}");
    }
}

#[test]
fn an_action_is_told_what_the_ledger_says_of_its_execution() {
    use Gate::{Approve, Promote};
    let undone = || Cause::Undone {
        service: "orders".to_owned(),
        why: None,
    };
    let other = || {
        let mut other = successor();
        other.barred.clear();
        other
    };
    let id = "orders-1a2b3c4d";
    let cases: Vec<(Gate, Option<Release>, Option<Release>, String)> = vec![
        (
            Approve,
            Some(opened()),
            None,
            "not yet: orders-canary has not been given a revision yet".into(),
        ),
        (
            Approve,
            Some(armed()),
            None,
            "not yet: orders-canary is being given the revision; then it bakes 600 s".into(),
        ),
        (
            Approve,
            Some(reached()),
            None,
            "not yet: orders-canary has baked 300 s of 600 s".into(),
        ),
        (
            Approve,
            Some(gated()),
            None,
            "not yet: waiting for approval Gate/Ok".into(),
        ),
        (Approve, Some(approved()), None, "yes: it baked".into()),
        (
            Promote,
            Some(approved()),
            None,
            "not yet: waiting for approval Gate/Ok".into(),
        ),
        (
            Approve,
            Some(promoting()),
            None,
            format!("yes: release {id} is promoting"),
        ),
        (
            Promote,
            Some(promoting()),
            None,
            "not yet: orders is being given the revision".into(),
        ),
        (
            Promote,
            Some(watching()),
            None,
            format!("yes: release {id} is watching"),
        ),
        (
            Promote,
            Some(rolling_back()),
            None,
            format!(
                "no: release {id} is rolled back: {}",
                rolling_back().phase.rolling_back().unwrap()
            ),
        ),
        (
            Approve,
            Some(failing()),
            None,
            format!(
                "no: release {id} is not taken back: {}",
                failing().phase.rolling_back().unwrap()
            ),
        ),
        (
            Approve,
            Some(successor()),
            None,
            "no: superseded by release orders-next".into(),
        ),
        (
            Approve,
            Some(other()),
            None,
            "nobody: release orders-next is open, which is of another execution".into(),
        ),
        (
            Approve,
            None,
            None,
            "nobody: no release of this execution has been opened".into(),
        ),
        (
            Approve,
            None,
            Some(other()),
            "nobody: no release of this execution has been opened".into(),
        ),
        (
            Promote,
            None,
            Some(closed(Outcome::Promoted)),
            format!("yes: release {id} was promoted"),
        ),
        (
            Approve,
            None,
            Some(closed(Outcome::Abandoned {
                why: "the same again".into(),
            })),
            format!("yes: release {id} had nothing to release: the same again"),
        ),
        (
            Promote,
            None,
            Some(closed(Outcome::RolledBack { cause: undone() })),
            format!("no: release {id} was rolled back: orders no longer runs the revision"),
        ),
        (
            Promote,
            None,
            Some(closed(Outcome::RollbackFailed { cause: undone() })),
            format!("no: release {id} could not be rolled back: orders no longer runs the revision"),
        ),
        (
            Approve,
            None,
            Some(closed(Outcome::Superseded {
                by: "orders-next".into(),
            })),
            format!("no: release {id} was superseded by orders-next"),
        ),
        (
            Approve,
            None,
            Some(closed(Outcome::Overtaken { by: "ann".into() })),
            format!("no: release {id} was overtaken: ann"),
        ),
        (
            Promote,
            Some(watches_on()),
            Some(watched_on()),
            format!("yes: release {id} was promoted, and its watch runs on in orders-next"),
        ),
        (
            Promote,
            Some(other()),
            Some(watched_on()),
            format!("no: release {id} was superseded by orders-next"),
        ),
        (
            Approve,
            None,
            Some(long_ago()),
            format!("nobody: release {id} was abandoned: the same again"),
        ),
        (
            Promote,
            None,
            Some(Release {
                canary: opened().canary,
                ..closed(Outcome::Abandoned {
                    why: "never changed".into(),
                })
            }),
            format!("nobody: release {id} was abandoned: never changed"),
        ),
    ];
    for (gate, open, last, expected) in cases {
        assert_eq!(said(gate, open, last), expected);
    }
}

#[test]
fn an_action_that_the_policy_does_not_ask_for_is_a_mistake_that_says_what_to_write() {
    assert_eq!(left_to_us(&automatic(), Gate::Approve), None);
    assert_eq!(left_to_us(&automatic(), Gate::Promote), None);
    let said = |gate| left_to_us(&policy(), gate).unwrap();
    // The open release's own policy leaves it to people, whatever the parameter says by now.
    let frozen = word(&policy(), Gate::Approve, &execution(), Some(&gated()), None, at(360));
    assert_eq!(frozen, Word::No(said(Gate::Approve)));
    assert_eq!(
        said(Gate::Approve),
        "policy orders does not leave the approval to Serin; write \"approval\": \"automatic\" into it, or take this \
         action out of the pipeline"
    );
    assert!(said(Gate::Promote).contains("\"promotion\": \"roll_stable\""));
}

#[test]
fn an_action_that_would_have_to_wait_for_longer_than_a_day_is_a_mistake() {
    let bakes = |minutes: &[u32], extended: Option<u32>| Policy {
        steps: minutes
            .iter()
            .map(|minutes| Step {
                share_permille: None,
                bake_minutes: *minutes,
            })
            .collect(),
        when_undecided: extended.map(|extend_minutes_max| WhenUndecided {
            extend_minutes_max,
            then: Then::Hold,
        }),
        ..automatic()
    };
    let cases = [
        (bakes(&[660, 660], None), None),
        (bakes(&[661, 660], None), Some(1_321)),
        (bakes(&[1_300], Some(20)), None),
        (bakes(&[1_300], Some(21)), Some(1_321)),
        // What is waited for in the first step lets the second begin later, and that one is extended as well.
        (bakes(&[100, 600], Some(10)), None),
        (bakes(&[100, 600], Some(11)), Some(1_322)),
        (bakes(&[1; 20], Some(64)), None),
        (bakes(&[1; 20], Some(65)), Some(1_339)),
    ];
    for (policy, minutes) in cases {
        let said = unanswerable(&policy, Gate::Approve);
        let named = minutes.map(|minutes: u32| format!("may take {minutes} minutes to bake"));
        assert_eq!(said.is_some(), named.is_some(), "{said:?}");
        assert!(named.is_none_or(|named| said.unwrap().contains(&named)));
        assert_eq!(unanswerable(&policy, Gate::Promote), None);
        assert_eq!(left_to_us(&policy, Gate::Approve), None, "what is open goes on");
    }
}

#[test]
fn who_approves_early_is_told_what_the_promote_action_cannot_wait_for() {
    let bakes = |minutes: u32, approval, promotion| Policy {
        approval,
        promotion,
        steps: vec![Step {
            share_permille: None,
            bake_minutes: minutes,
        }],
        ..automatic()
    };
    let (rolls, pipeline) = (Promotion::RollStable, Promotion::Pipeline);
    // Policy, minutes in which it is too early to approve, whether the action says what becomes of it.
    let cases = [
        (bakes(1_320, Approver::Human, rolls), None, false),
        (bakes(1_321, Approver::Human, rolls), Some(1), true),
        (bakes(1_321, Approver::Pipeline, rolls), Some(1), true),
        (bakes(2_880, Approver::Pipeline, rolls), Some(1_560), true),
        // Nobody else goes on: Serin's own approval comes when it has baked, unless a person answers in its place.
        (bakes(2_880, Approver::Automatic, rolls), None, true),
        // Stable is given it by the pipeline, and nothing of ours waits.
        (bakes(2_880, Approver::Human, pipeline), None, false),
    ];
    for (policy, early, says) in cases {
        let said = promotes_too_late(&policy);
        let named = early.map(|early: u32| format!("in the first {early} minutes"));
        assert_eq!(said.is_some(), named.is_some(), "{said:?}");
        assert!(named.is_none_or(|named| said.unwrap().contains(&named)));
        // It is let wait all the same: a person may shorten the bake meanwhile.
        assert_eq!(
            unanswerable(&policy, Gate::Promote).is_some(),
            policy.promotion == pipeline
        );
        let waits = under(&policy, Gate::Promote, Some(reached()), None);
        assert_eq!(waits.contains("CodePipeline gives this action a day"), says, "{waits}");
        assert!(policy.promotion == pipeline || waits.starts_with("not yet: orders-canary has baked 300 s of"));
    }
}

#[test]
fn nothing_of_the_promote_actions_day_is_said_once_it_has_baked() {
    let policy = Policy {
        approval: Approver::Human,
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 2_880,
        }],
        ..automatic()
    };
    for release in [gated(), promoting(), watching()] {
        let said = under(&policy, Gate::Promote, Some(release), None);
        assert!(!said.contains("a day"), "{said}");
    }
}
