use super::{Bounds, comparisons, failed_max, verdict};
use crate::policy::{Check, CountedMetric, Ratio, Step};
use crate::rule::check::Verdict;
use crate::testing::{
    armed, arn, at, at_approval, gated, images, in_progress, on, policy, promoted, promoting, unknown, watching,
};
use crate::{Cause, Comparison, Part, Phase, Policy, Release, Seen, SeenComparison, SeenCount, decide};

mod steps;

/// When the canary's tasks were seen to run, seconds after its deployment was created; no full minute.
const REACHED: i64 = 75;

pub fn metric() -> CountedMetric {
    CountedMetric {
        namespace: "Orders".to_owned(),
        failed: "Failed".to_owned(),
        total: "Handled".to_owned(),
        dimension: "Revision".to_owned(),
    }
}

fn ratio() -> Ratio {
    Ratio::new(1.5).unwrap()
}

pub fn compare() -> Check {
    Check::Compare {
        metric: metric(),
        ratio_max: ratio(),
        total_min: 100,
        window_minutes: 10,
    }
}

/// Bakes for half an hour, judged by its alarm and by comparison.
fn compared() -> Policy {
    Policy {
        checks: [policy().checks, vec![compare()]].concat(),
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 30,
        }],
        ..policy()
    }
}

fn reached() -> Release {
    let mut release = armed();
    release.canary.given.as_mut().unwrap().reached = Some(at(REACHED));
    release
}

fn asked() -> Comparison {
    Comparison {
        check: 1,
        metric: metric(),
        canary: "orders-canary:2".to_owned(),
        stable: "orders:1".to_owned(),
        from: at(120),
        until: at(720),
    }
}

fn count(failed: Option<u64>, total: Option<u64>) -> SeenCount {
    SeenCount { failed, total }
}

fn both(failed: u64, total: u64) -> SeenCount {
    count(Some(failed), Some(total))
}

fn answer(canary: SeenCount, stable: SeenCount) -> SeenComparison {
    SeenComparison {
        asked: asked(),
        canary,
        stable,
    }
}

fn seen(canary: SeenCount, stable: SeenCount) -> Seen {
    Seen {
        compared: Part::Known(vec![answer(canary, stable)]),
        ..at_approval()
    }
}

fn says(release: &Release, seen: &Seen) -> Verdict {
    let bounds = Bounds {
        ratio_max: ratio(),
        total_min: 100,
    };
    verdict(&compared(), 1, &metric(), bounds, release, seen)
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Silent => "silent",
        Verdict::Passes(_) => "passes",
        Verdict::Undecided(_) => "undecided",
        Verdict::Unknown(_) => "unknown",
        Verdict::Fails(_) => "fails",
    }
}

#[test]
fn the_canary_fails_only_for_more_failures_than_stable_and_chance_explain() {
    let cases = [
        ("neither fails anything", both(0, 640), both(0, 1_900), "passes"),
        (
            "one failure, and none in stable",
            both(1, 640),
            both(0, 1_900),
            "passes",
        ),
        (
            "four, and none in very much",
            both(4, 640),
            both(0, 1_000_000),
            "passes",
        ),
        ("five, and none in very much", both(5, 640), both(0, 1_000_000), "fails"),
        ("a tenth, and none in stable", both(64, 640), both(0, 1_900), "fails"),
        (
            "every message, and none in stable",
            both(640, 640),
            both(0, 1_900),
            "fails",
        ),
        (
            "every message, and every one in stable",
            both(640, 640),
            both(1_900, 1_900),
            "passes",
        ),
        ("both a tenth", both(64, 640), both(190, 1_900), "passes"),
        (
            "a tenth and a little more than chance",
            both(145, 640),
            both(190, 1_900),
            "fails",
        ),
        ("within ratio and chance", both(144, 640), both(190, 1_900), "passes"),
        ("better than stable", both(0, 640), both(1_900, 1_900), "passes"),
        (
            "the canary has the larger share",
            both(78, 5_000),
            both(0, 500),
            "fails",
        ),
        ("and stable too little to know", both(77, 5_000), both(0, 500), "passes"),
        ("both have just enough", both(100, 100), both(0, 100), "fails"),
        (
            "more than fits into a half",
            both(u64::MAX, u64::MAX),
            both(u64::MAX - 1, u64::MAX),
            "passes",
        ),
    ];
    for (case, canary, stable, expected) in cases {
        let found = says(&reached(), &seen(canary, stable));
        assert_eq!(word(&found), expected, "{case}: {found:?}");
    }
}

#[test]
fn what_is_missing_neither_passes_nor_fails() {
    let enough = both(640, 640);
    let cases = [
        ("nobody did anything", count(None, None), count(None, None)),
        ("the canary is idle", count(None, None), both(0, 1_900)),
        ("the canary did nothing, and says so", both(0, 0), both(0, 1_900)),
        ("stable is idle", enough, count(None, None)),
        ("stable did nothing, and says so", enough, both(0, 0)),
        ("the canary did too little", both(99, 99), both(0, 1_900)),
        ("stable did too little", enough, both(0, 99)),
        (
            "the canary's failures are not counted",
            count(None, Some(640)),
            both(0, 1_900),
        ),
        ("stable's failures are not counted", enough, count(None, Some(1_900))),
        (
            "the canary's messages are not counted",
            count(Some(640), None),
            both(0, 1_900),
        ),
        ("more failed than there were", both(641, 640), both(0, 1_900)),
    ];
    for (case, canary, stable) in cases {
        let seen = seen(canary, stable);
        let found = says(&reached(), &seen);
        assert_eq!(word(&found), "undecided", "{case}: {found:?}");
        let decision = decide(&compared(), &reached(), &seen, at(1_900));
        let Verdict::Undecided(why) = found else { unreachable!() };
        assert_eq!(decision.next.phase, Phase::Baking { step: 0 }, "{case}");
        assert_eq!(
            decision.because.matches(&why).count(),
            1,
            "{case}: {}",
            decision.because
        );
    }
}

#[test]
fn an_answer_is_one_to_what_runs_now_and_is_known() {
    let bad = || seen(both(640, 640), both(0, 1_900));
    let elsewhere = |change: fn(&mut Comparison)| {
        let mut answer = answer(both(640, 640), both(0, 1_900));
        change(&mut answer.asked);
        Seen {
            compared: Part::Known(vec![answer]),
            ..at_approval()
        }
    };
    let with = |compared| Seen {
        compared,
        ..at_approval()
    };
    let cases = [
        ("it is one", bad(), "fails"),
        ("not asked yet", with(Part::Known(Vec::new())), "unknown"),
        ("CloudWatch throttles", with(unknown()), "unknown"),
        ("nothing was looked at", Seen::nothing(), "unknown"),
        ("to another check", elsewhere(|asked| asked.check = 0), "unknown"),
        (
            "of what the canary ran before",
            elsewhere(|asked| asked.canary = "orders-canary:1".to_owned()),
            "unknown",
        ),
        (
            "of what stable ran before",
            elsewhere(|asked| asked.stable = "orders:9".to_owned()),
            "unknown",
        ),
    ];
    for (case, seen, expected) in cases {
        assert_eq!(word(&says(&reached(), &seen)), expected, "{case}");
    }
}

#[test]
fn only_while_stable_runs_something_else_is_there_anything_to_compare() {
    let gated = Release {
        canary: reached().canary,
        ..gated()
    };
    let mut alike = reached();
    alike.stable.baseline.task_definition = arn("orders-canary", 2);
    let mut echo = reached();
    echo.canary.given.as_mut().unwrap().images = Some(images("v1"));
    let cases = [
        ("baking", reached(), "fails", true),
        ("at its approval", gated, "fails", true),
        ("not all tasks run yet", armed(), "unknown", false),
        ("stable runs the very same", alike, "undecided", false),
        ("what ran before, under another name", echo, "silent", false),
        ("stable is being given it", promoting(), "silent", false),
        ("stable has it", watching(), "silent", false),
    ];
    for (case, release, expected, is_asked) in cases {
        let bad = seen(both(640, 640), both(0, 1_900));
        assert_eq!(word(&says(&release, &bad)), expected, "{case}");
        assert_eq!(
            comparisons(&compared(), &release, at(900)).len(),
            usize::from(is_asked),
            "{case}"
        );
    }
}

#[test]
fn whole_minutes_are_asked_for_that_are_over_and_in_which_the_canarys_tasks_ran() {
    // At 03:00:00 the canary's deployment was created; its tasks run since 03:01:15.
    let cases = [
        ("no minute has ended", 179, None),
        ("one has, and arrives yet", 239, None),
        ("one has arrived", 240, Some((120, 180))),
        ("as long a window as there can be", 12 * 60 + 60, Some((120, 720))),
        ("and then it moves", 13 * 60 + 60 + 59, Some((180, 780))),
    ];
    for (case, seconds, expected) in cases {
        let asked = comparisons(&compared(), &reached(), at(seconds));
        let found = asked.first().map(|asked| (asked.from, asked.until));
        assert_eq!(found, expected.map(|(from, until)| (at(from), at(until))), "{case}");
    }
    assert_eq!(comparisons(&compared(), &reached(), at(780)), [asked()]);
    assert_eq!(comparisons(&policy(), &reached(), at(780)), []);
}

#[test]
fn the_tasks_must_all_run_and_no_others_before_a_minute_counts() {
    let cases = [
        ("under way", in_progress(on("orders-canary", 2, 1), 1, 1), None),
        ("at rest", on("orders-canary", 2, 1), Some(at(90))),
    ];
    for (case, canary, expected) in cases {
        let seen = Seen {
            canary: Part::Known(canary),
            ..at_approval()
        };
        let next = decide(&compared(), &armed(), &seen, at(90)).next;
        assert_eq!(next.canary.given.as_ref().unwrap().reached, expected, "{case}");
        let later = decide(&compared(), &next, &at_approval(), at(150)).next;
        let expected = expected.unwrap_or(at(150));
        assert_eq!(later.canary.given.unwrap().reached, Some(expected), "{case}");
    }
}

#[test]
fn a_canary_that_fails_more_is_rolled_back_with_the_numbers_that_were_seen() {
    let decision = decide(&compared(), &reached(), &seen(both(64, 640), both(2, 1_900)), at(780));
    let Phase::RollingBack {
        cause: cause @ Cause::Compare { .. },
    } = &decision.next.phase
    else {
        panic!("{}", decision.because)
    };
    assert_eq!(
        cause.to_string(),
        "orders-canary:2 failed 64 of 640 messages and orders:1 failed 2 of 1900 messages until 2026-11-21T03:12:00Z, \
         where 8 would have been the most"
    );
    let text = serde_json::to_string(cause).unwrap();
    assert_eq!(&serde_json::from_str::<Cause>(&text).unwrap(), cause, "{text}");
}

#[test]
fn a_canary_that_is_no_worse_goes_forward_and_says_so() {
    let good = seen(both(1, 640), both(2, 1_900));
    let decision = decide(&compared(), &reached(), &good, at(1_790));
    assert!(
        decision.because.contains(
            "orders-canary:2 failed 1 of 640 messages and orders:1 failed 2 of 1900 messages until \
             2026-11-21T03:12:00Z, up to 8 would do"
        ),
        "{}",
        decision.because
    );
    let decision = decide(&compared(), &reached(), &good, at(1_900));
    assert_eq!(decision.next.phase.name(), "gated", "{}", decision.because);
}

#[test]
fn what_is_compared_says_nothing_once_stable_has_it() {
    let bad = Seen {
        stable: Part::Known(promoted()),
        ..seen(both(640, 640), both(0, 1_900))
    };
    let decision = decide(&compared(), &watching(), &bad, at(9_000));
    assert_eq!(decision.next.phase.name(), "promoted", "{}", decision.because);
}

#[test]
fn a_canary_as_good_as_stable_hardly_ever_fails() {
    // Of each message both fail one in a hundred, by chance; the canary has a quarter of the work.
    let mut seed = 7_u64;
    let mut fails = |messages: u64| {
        let mut failed = 0;
        for _ in 0..messages {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            failed += u64::from((seed >> 33).is_multiple_of(100));
        }
        failed
    };
    let mut wrong = 0;
    for _ in 0..5_000 {
        let (canary, stable) = (fails(500), fails(1_500));
        wrong += u32::from(canary > failed_max(ratio(), 500, stable, 1_500));
    }
    assert!(wrong <= 1, "{wrong} of 5000");
}

#[test]
fn stables_side_is_what_its_tasks_count_under() {
    let copy = || {
        let mut release = reached();
        release.stable.restore = arn("orders", 3);
        release
    };
    let echo = crate::testing::meaning(on("orders", 6, 3), "v1", "orders-settings");
    let cases = [
        ("its baseline", on("orders", 1, 3), "orders:1"),
        ("our copy of it, since a rollback", on("orders", 3, 3), "orders:3"),
        ("the same under another name", echo, "orders:6"),
    ];
    for (case, stable, expected) in cases {
        let seen = Seen {
            stable: Part::Known(stable),
            ..at_approval()
        };
        let next = decide(&compared(), &copy(), &seen, at(700)).next;
        let asked = comparisons(&compared(), &next, at(800));
        assert_eq!(asked[0].stable, expected, "{case}");
        // Given its own definition again.
        let again = decide(&compared(), &next, &at_approval(), at(760)).next;
        assert_eq!(
            comparisons(&compared(), &again, at(800))[0].stable,
            "orders:1",
            "{case}"
        );
    }
}
