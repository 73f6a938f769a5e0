use super::super::{Chance, Dying, Reaction};
use super::*;
use Weight::{Refused, Warning};

fn reports(change: impl FnOnce(&mut Found)) -> Report {
    let mut world = found();
    change(&mut world);
    judge(&read(&document()), &world, &BTreeSet::new())
}

fn periods(found: &mut Found, seconds: u32, of: u32, to_alarm: u32) {
    if let Watches::Metrics {
        period_seconds,
        periods,
        periods_to_alarm,
        ..
    } = &mut alarm(found).watches
    {
        (*period_seconds, *periods, *periods_to_alarm) = (seconds, of, to_alarm);
    }
}

#[test]
fn the_reaction_time_is_what_a_message_takes_to_die_and_the_alarm_to_see_it() {
    assert_eq!(
        reports(|_| {}).reactions,
        [Reaction {
            alarm: "orders-dlq-depth".to_owned(),
            dying: Some(Dying {
                source: "orders".to_owned(),
                receives: 2,
                visibility_seconds: 30,
                seconds: 60,
            }),
            periods_seconds: 60,
            lag_seconds: 180,
            asleep_seconds: 900,
            seconds: 300,
        }]
    );
    let slower = reports(|found| {
        periods(found, 300, 5, 3);
        let source = source(found);
        (source.receives_max, source.visibility_seconds) = (5, 120);
    });
    // Five times two minutes, three periods of five, and the lag.
    assert_eq!(slower.reactions[0].seconds, 600 + 900 + 180);
    let two = reports(|found| {
        let slow = Source {
            name: "billing".to_owned(),
            receives_max: 4,
            visibility_seconds: 600,
        };
        queue(found).sources = Part::Known(vec![slow, source(found).clone()]);
    });
    let dying = two.reactions[0].dying.as_ref().expect("messages die there");
    assert_eq!(
        (dying.source.as_str(), dying.seconds),
        ("billing", 2_400),
        "the slowest counts"
    );
    let huge = reports(|found| periods(found, u32::MAX, 2, 2));
    assert_eq!(huge.reactions[0].seconds, u32::MAX, "whatever AWS says");
}

#[test]
fn where_a_part_of_it_cannot_be_read_no_reaction_time_is_told() {
    assert_eq!(reports(|found| queue(found).sources = unread()).reactions, []);
    let unread_queue = reports(|found| drop(found.queues.insert("orders-dlq".to_owned(), unread())));
    assert_eq!(unread_queue.reactions, []);
}

fn chance(canary: u32, stable: u32, receives: u32, comparison: &str, threshold: f64) -> Option<Chance> {
    let report = reports(|found| {
        (found.canary, found.stable) = (service(canary), service(stable));
        source(found).receives_max = receives;
        if let Watches::Metrics {
            comparison: compared,
            threshold: bound,
            ..
        } = &mut alarm(found).watches
        {
            (*compared, *bound) = (comparison.to_owned(), Some(threshold));
        }
    });
    report.share.and_then(|share| share.chances.first().cloned())
}

#[test]
fn what_the_canary_fails_first_dies_only_where_the_canary_gets_it_each_time() {
    let (at_least, more) = ("GreaterThanOrEqualToThreshold", "GreaterThanThreshold");
    let cases = [
        // Canary, stable, receives; of what it fails first, letters, messages failed until then.
        ((1, 3, 1), (at_least, 10.0), (1.0, Some(10), Some(10))),
        ((1, 3, 2), (at_least, 10.0), (0.25, Some(10), Some(40))),
        ((1, 3, 3), (at_least, 10.0), (0.0625, Some(10), Some(160))),
        ((1, 3, 3), (more, 0.0), (0.0625, Some(1), Some(16))),
        ((1, 3, 3), (more, 9.5), (0.0625, Some(10), Some(160))),
        ((1, 3, 3), (at_least, 9.5), (0.0625, Some(10), Some(160))),
        ((3, 0, 5), (at_least, 10.0), (1.0, Some(10), Some(10))),
        ((1, 99, 2), (more, 99.0), (0.01, Some(100), Some(10_000))),
        // Further than anybody counts.
        ((1, 9, 1_000), (at_least, 10.0), (0.0, Some(10), None)),
        // No number of letters.
        ((1, 3, 2), ("LessThanThreshold", 10.0), (0.25, None, None)),
        ((1, 3, 2), (at_least, -1.0), (0.25, None, None)),
        ((1, 3, 2), (at_least, f64::MAX), (0.25, None, None)),
    ];
    for ((canary, stable, receives), (comparison, threshold), (dies, letters, failed)) in cases {
        let found = chance(canary, stable, receives, comparison, threshold).expect("a chance");
        let what = format!("{canary} beside {stable}, {receives} receives, {comparison} {threshold}: {found:?}");
        assert!((found.dies - dies).abs() < 1e-9, "{what}");
        assert_eq!((found.letters, found.failed_first), (letters, failed), "{what}");
    }
    assert_eq!(chance(0, 3, 2, at_least, 10.0), None, "it is given no work");
}

#[test]
fn a_bake_that_is_over_before_an_alarm_can_ring_is_refused() {
    check(&[
        (
            "long enough to the second",
            |policy| policy["steps"] = json!([{"share_permille": 100, "bake_minutes": 5}]),
            as_it_is,
            &[],
        ),
        (
            "a minute too short",
            |policy| {
                policy["steps"] =
                    json!([{"share_permille": 100, "bake_minutes": 4}, {"share_permille": 250, "bake_minutes": 5}]);
            },
            as_it_is,
            &[(
                Refused,
                "steps[0].bake_minutes",
                "is 4: orders-dlq-depth needs up to 300 s from the first failure",
            )],
        ),
        (
            "a period longer than the bake",
            |policy| policy["steps"] = json!([{"share_permille": 100, "bake_minutes": 30}]),
            |found| periods(found, 3_600, 1, 1),
            &[
                (
                    Refused,
                    "steps[0].bake_minutes",
                    "bake for 64 minutes at least, or accept it by name with --accept short-bake",
                ),
                (
                    Warning,
                    "watch_minutes",
                    "is 30: orders-dlq-depth needs up to 3840 s until it rings",
                ),
            ],
        ),
        (
            "no bake",
            |policy| policy["steps"] = json!([{"share_permille": 100, "bake_minutes": 0}]),
            as_it_is,
            &[(Refused, "steps[0].bake_minutes", "is 0")],
        ),
        (
            "no step is written, so no bake is",
            same,
            |found| periods(found, 600, 1, 1),
            &[],
        ),
        (
            "a watch that is over too soon",
            |policy| policy["watch_minutes"] = json!(4),
            as_it_is,
            &[(Warning, "watch_minutes", "watch for 5 minutes at least")],
        ),
        (
            "no watch is a choice",
            |policy| policy["watch_minutes"] = json!(0),
            as_it_is,
            &[],
        ),
    ]);
}

#[test]
fn a_short_bake_that_is_accepted_by_name_is_a_warning() {
    let mut document = document();
    document["steps"] = json!([{"share_permille": 100, "bake_minutes": 1}]);
    let report = judge(&read(&document), &found(), &BTreeSet::from([Accepted::ShortBake]));
    assert_eq!(report.of(Refused).count(), 0);
    let accepted = report
        .of(Warning)
        .find(|finding| finding.field == "steps[0].bake_minutes");
    let text = &accepted.expect("it is said all the same").text;
    assert!(text.ends_with("Accepted by name: short-bake"), "{text}");
}
