use super::{measures, verdict};
use crate::policy::{Bounded, Check, Measured, Named, Ratio, Statistic, Term};
use crate::rule::check::Verdict;
use crate::testing::{armed, at, at_approval, gated, opened, policy, promoting, unknown, watching};
use crate::{Cause, Measure, Part, Phase, Policy, Release, Seen, SeenMeasure, decide};

mod steps;

fn of(name: &str, statistic: &str) -> Statistic {
    Statistic {
        namespace: "Orders".to_owned(),
        name: name.to_owned(),
        statistic: statistic.to_owned(),
        dimensions: vec![Named {
            name: "Revision".to_owned(),
            value: "{revision}".to_owned(),
        }],
    }
}

/// p99 of the canary's latency, two periods of five minutes, up to 1.5.
fn latency() -> Bounded {
    Bounded {
        of: Measured::One(of("Latency", "p99")),
        period_minutes: 5,
        periods: 2,
        max: Ratio::new(1.5).unwrap(),
    }
}

fn measured() -> Policy {
    Policy {
        checks: [policy().checks, vec![Check::Metric { metric: latency() }]].concat(),
        ..policy()
    }
}

/// Its tasks run since 60 s.
fn reached(mut release: Release) -> Release {
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

fn asked(revision: &str) -> Measure {
    Measure {
        check: 1,
        metric: latency().of_revision(revision),
        from: at(300),
        until: at(900),
    }
}

fn was(values: &[Option<f64>]) -> Seen {
    Seen {
        measured: Part::Known(vec![SeenMeasure {
            asked: asked("orders-canary:2"),
            values: Part::Known(values.to_vec()),
        }]),
        ..at_approval()
    }
}

fn says(release: &Release, seen: &Seen) -> String {
    match verdict(&measured(), 1, &latency(), release, seen) {
        Verdict::Silent => "silent".to_owned(),
        Verdict::Passes(text) => format!("passes: {text}"),
        Verdict::Undecided(text) => format!("undecided: {text}"),
        Verdict::Unknown(text) => format!("unknown: {text}"),
        Verdict::Fails(cause) => format!("fails: {cause}"),
    }
}

#[test]
fn whole_periods_since_the_tasks_ran_are_asked_for_once_there_are_enough_of_them() {
    let cases = [
        ("one period is whole", 719, None),
        ("the second has not been over for a minute", 959, None),
        ("both", 960, Some((300, 900))),
        ("until the next one is over", 1_259, Some((300, 900))),
        ("then the last two", 1_260, Some((600, 1_200))),
    ];
    for (name, seconds, expected) in cases {
        let measures = measures(&measured(), &reached(armed()), at(seconds));
        let found = measures.first().map(|one| (one.from, one.until));
        assert_eq!(found, expected.map(|(from, until)| (at(from), at(until))), "{name}");
        let value = measures.first().map(|one| one.metric.to_string());
        let named = "p99 of Latency in Orders of orders-canary:2".to_owned();
        assert_eq!(value, expected.map(|_| named), "{name}");
    }
}

/// What AWS's own services measure comes a minute later, and of an expression the last of its metrics counts.
#[test]
fn what_aws_measures_itself_is_asked_for_a_minute_later() {
    let by = |namespace: &str| Statistic {
        namespace: namespace.to_owned(),
        ..of("Latency", "p99")
    };
    let term = |id: &str, namespace: &str| Term {
        id: id.to_owned(),
        of: by(namespace),
    };
    let share = |of: [&str; 2]| Measured::Math {
        expression: "a / b".to_owned(),
        metrics: vec![term("a", of[0]), term("b", of[1])],
    };
    let (own, aws) = ("Orders", "AWS/ApplicationELB");
    let cases = [
        (Measured::One(by(own)), 960),
        (Measured::One(by(aws)), 1_020),
        (share([own, own]), 960),
        (share([own, aws]), 1_020),
    ];
    for (of, from) in cases {
        let metric = Bounded { of, ..latency() };
        let policy = Policy {
            checks: vec![Check::Metric { metric }],
            ..policy()
        };
        let asked = [from - 1, from].map(|seconds| measures(&policy, &reached(armed()), at(seconds)).len());
        assert_eq!(asked, [0, 1], "{from}");
    }
}

/// Stable answers with what was left on it, or fails messages with it: what is measured of both is its doing as well.
#[test]
fn what_is_measured_of_both_is_not_held_against_the_fix_while_stable_runs_what_failed() {
    let by = |namespace: &str, dimension: &str| Statistic {
        namespace: namespace.to_owned(),
        dimensions: vec![Named {
            name: dimension.to_owned(),
            value: "app/orders/50".to_owned(),
        }],
        ..of("Latency", "p99")
    };
    let term = |of: Statistic| Term { id: "a".to_owned(), of };
    let math = |of: [Statistic; 2]| Measured::Math {
        expression: "a".to_owned(),
        metrics: of.map(term).to_vec(),
    };
    let (balancer, queue) = (by("AWS/ApplicationELB", "LoadBalancer"), by("AWS/SQS", "QueueName"));
    let (group, own) = (by("AWS/ApplicationELB", "TargetGroup"), by("Orders", "Revision"));
    let cases = [
        (Measured::One(balancer.clone()), true),
        (Measured::One(queue.clone()), true),
        (math([balancer.clone(), queue]), true),
        (Measured::One(group.clone()), false),
        (Measured::One(own.clone()), false),
        (math([group.clone(), balancer]), false),
        (math([group, own]), false),
    ];
    for (of, of_both) in cases {
        let metric = Bounded { of, ..latency() };
        for (left, phase) in [(false, armed().phase), (true, armed().phase), (true, Phase::Watching)] {
            let release = Release {
                bad_on_stable: left,
                phase,
                ..reached(armed())
            };
            let asked = Measure {
                metric: metric.clone(),
                check: 0,
                ..asked("orders-canary:2")
            };
            let seen = Seen {
                measured: Part::Known(vec![SeenMeasure {
                    asked,
                    values: Part::Known(vec![Some(2.0), Some(2.0)]),
                }]),
                ..at_approval()
            };
            let says = verdict(&policy(), 0, &metric, &release, &seen);
            let silent = left && of_both && release.phase != Phase::Watching;
            assert_eq!(matches!(says, Verdict::Fails(_)), !silent, "{metric}: {says:?}");
            assert_eq!(matches!(says, Verdict::Passes(_)), silent, "{metric}: {says:?}");
        }
    }
}

#[test]
fn only_what_bakes_waits_or_is_watched_is_measured() {
    let cases = [
        ("deploying", opened(), 0),
        ("its tasks do not run yet", armed(), 0),
        ("baking", reached(armed()), 1),
        ("gated", reached(gated()), 1),
        ("promoting", reached(promoting()), 0),
        ("watching", watching(), 1),
    ];
    for (name, release, expected) in cases {
        assert_eq!(measures(&measured(), &release, at(6_000)).len(), expected, "{name}");
        assert_eq!(
            measures(&policy(), &release, at(6_000)).len(),
            0,
            "{name}, and nobody asks"
        );
    }
    // In the watch from when stable had it: since 400 s.
    assert_eq!(measures(&measured(), &watching(), at(1_259)), []);
    assert_eq!(measures(&measured(), &watching(), at(1_260))[0].from, at(600));
}

#[test]
fn all_periods_must_be_above_and_none_may_lack_its_datum() {
    let metric = "p99 of Latency in Orders of orders-canary:2";
    let cases: [(&[Option<f64>], String); 6] = [
        (
            &[Some(1.6), Some(2.0)],
            format!(
                "fails: {metric} was 1.6, 2 from {} to {}, more than 1.5",
                at(300),
                at(900)
            ),
        ),
        (
            &[Some(1.6), Some(1.5)],
            format!("passes: {metric} was 1.6, 1.5 until {}, up to 1.5 would do", at(900)),
        ),
        (
            &[Some(0.0), Some(9.0)],
            format!("passes: {metric} was 0, 9 until {}, up to 1.5 would do", at(900)),
        ),
        (
            &[None, Some(9.0)],
            format!(
                "undecided: {metric} has not all its data from {} to {}",
                at(300),
                at(900)
            ),
        ),
        (
            &[Some(9.0), None],
            format!(
                "undecided: {metric} has not all its data from {} to {}",
                at(300),
                at(900)
            ),
        ),
        (
            &[None, None],
            format!(
                "undecided: {metric} has not all its data from {} to {}",
                at(300),
                at(900)
            ),
        ),
    ];
    for (values, expected) in cases {
        assert_eq!(says(&reached(armed()), &was(values)), expected, "{values:?}");
    }
}

#[test]
fn what_was_not_read_or_is_of_another_revision_tells_nothing() {
    let refused = Seen {
        measured: unknown(),
        ..at_approval()
    };
    let metric = "p99 of Latency in Orders of orders-canary:2";
    let soon = format!("unknown: {metric} is judged once 2 times 5 min have ended");
    assert_eq!(
        says(&reached(armed()), &refused),
        format!("unknown: {metric} is unknown: AWS failed")
    );
    assert_eq!(says(&reached(armed()), &at_approval()), soon);
    let mut other = was(&[Some(9.0), Some(9.0)]);
    if let Part::Known(known) = &mut other.measured {
        known[0].asked = asked("orders-canary:9");
    }
    assert_eq!(says(&reached(armed()), &other), soon);
    assert!(says(&armed(), &was(&[Some(9.0), Some(9.0)])).starts_with("unknown: nothing is measured before"));
    assert_eq!(says(&opened(), &was(&[Some(9.0), Some(9.0)])), "silent");
}

#[test]
fn what_is_above_rolls_the_release_back() {
    let decision = decide(&measured(), &reached(armed()), &was(&[Some(1.6), Some(2.0)]), at(960));
    assert!(
        matches!(decision.next.phase.rolling_back(), Some(Cause::Metric { .. })),
        "{}",
        decision.because
    );
}

#[test]
fn an_expression_is_judged_like_a_metric_and_each_of_its_terms_is_of_the_revision() {
    let term = |id: &str, name: &str| Term {
        id: id.to_owned(),
        of: of(name, "Sum"),
    };
    let share = Bounded {
        of: Measured::Math {
            expression: "100 * failed / handled".to_owned(),
            metrics: vec![term("failed", "Failed"), term("handled", "Handled")],
        },
        ..latency()
    };
    let policy = Policy {
        checks: [policy().checks, vec![Check::Expression { metric: share.clone() }]].concat(),
        ..policy()
    };
    let said = "100 * failed / handled, where failed is Sum of Failed in Orders of orders-canary:2, handled is Sum of \
                Handled in Orders of orders-canary:2";
    let [asked] = measures(&policy, &reached(armed()), at(1_000)).try_into().unwrap();
    assert_eq!((asked.check, asked.metric.to_string().as_str()), (1, said));
    let found = |values: &[Option<f64>]| Seen {
        measured: Part::Known(vec![SeenMeasure {
            asked: asked.clone(),
            values: Part::Known(values.to_vec()),
        }]),
        ..at_approval()
    };
    let cases = [
        (vec![Some(2.0), Some(1.6)], "fails"),
        (vec![Some(2.0), Some(1.5)], "passes"),
        (vec![Some(2.0), None], "undecided"),
    ];
    for (values, expected) in cases {
        let word = match verdict(&policy, 1, &share, &reached(armed()), &found(&values)) {
            Verdict::Fails(Cause::Metric { metric, .. }) => {
                assert_eq!(metric, said);
                "fails"
            }
            Verdict::Passes(_) => "passes",
            Verdict::Undecided(_) => "undecided",
            other => panic!("{other:?}"),
        };
        assert_eq!(word, expected, "{values:?}");
    }
    let refused = Seen {
        measured: Part::Known(vec![SeenMeasure {
            asked: asked.clone(),
            values: Part::Unknown("CloudWatch does not know handeld".to_owned()),
        }]),
        ..at_approval()
    };
    let Verdict::Unknown(why) = verdict(&policy, 1, &share, &reached(armed()), &refused) else {
        panic!("what was refused says nothing")
    };
    assert_eq!(why, format!("{said} is unknown: CloudWatch does not know handeld"));
}
