use super::*;
use Weight::{Refused, Unread, Warning};

const NAME: &str = "checks[0].name";

fn stale(policy: &mut Value, when: &str) {
    policy["checks"][0]["when_stale"] = json!(when);
}

#[test]
fn alarms_exist_and_what_their_state_means_now_is_told() {
    check(&[
        (
            "there is none",
            same,
            |found| found.alarms = Part::Known(Vec::new()),
            &[(Refused, NAME, "there is no alarm orders-dlq-depth; create it")],
        ),
        (
            "they cannot be read",
            same,
            |found| found.alarms = unread(),
            &[(Unread, "checks", "need more")],
        ),
        (
            "it rings, and blocks",
            |policy| stale(policy, "block"),
            |found| alarm(found).state = AlarmState::Alarm,
            &[(
                Warning,
                NAME,
                "is in ALARM since 2026-11-21T03:00:00Z: no release goes forward before it has recovered",
            )],
        ),
        (
            "it rings, and counts later",
            same,
            |found| alarm(found).state = AlarmState::Alarm,
            &[(
                Warning,
                NAME,
                "a release that begins now is not judged by it before it has recovered",
            )],
        ),
        (
            "it rings, and does not count",
            |policy| stale(policy, "ignore"),
            |found| alarm(found).state = AlarmState::Alarm,
            &[(Warning, NAME, "it does not count for a release that begins now")],
        ),
        (
            "no data is as good as OK",
            same,
            |found| alarm(found).state = AlarmState::InsufficientData,
            &[],
        ),
        (
            "no data is no answer",
            |policy| policy["checks"][0]["insufficient_data"] = json!("undecided"),
            |found| alarm(found).state = AlarmState::InsufficientData,
            &[(Warning, NAME, "while that is so no bake ends")],
        ),
        (
            "it is made of others",
            |policy| policy["steps"] = json!([{"share_permille": 100, "bake_minutes": 0}]),
            |found| alarm(found).watches = Watches::Other("other alarms (ALARM(a) OR ALARM(b))".to_owned()),
            &[(
                Warning,
                NAME,
                "watches other alarms (ALARM(a) OR ALARM(b)): how long it takes to ring cannot be told",
            )],
        ),
    ]);
}

#[test]
fn the_queue_that_an_alarm_watches_is_one_that_messages_die_into() {
    check(&[
        (
            "it is not there",
            same,
            |found| drop(found.queues.insert("orders-dlq".to_owned(), Part::Known(None))),
            &[(
                Refused,
                NAME,
                "watches queue orders-dlq, and there is none in this account and region: nothing is ever seen there",
            )],
        ),
        (
            "it cannot be read",
            same,
            |found| drop(found.queues.insert("orders-dlq".to_owned(), unread())),
            &[(Unread, NAME, "need more")],
        ),
        (
            "its sources cannot be read",
            same,
            |found| queue(found).sources = unread(),
            &[(Unread, NAME, "need more")],
        ),
        (
            "nothing dies there",
            same,
            |found| queue(found).sources = Part::Known(Vec::new()),
            &[(
                Warning,
                NAME,
                "no queue of this account and region has orders-dlq as its dead-letter queue",
            )],
        ),
        (
            "it is the queue of the services itself",
            same,
            |found| {
                queue(found).sources = Part::Known(Vec::new());
                queue(found).redrives = true;
            },
            &[],
        ),
        (
            "it is a FIFO queue",
            same,
            |found| queue(found).fifo = true,
            &[(Warning, NAME, "shares follow message groups")],
        ),
        (
            "stable handles what the canary fails",
            same,
            |found| source(found).receives_max = 3,
            &[(Warning, NAME, "orders hands a message out 3 times, mostly to stable")],
        ),
    ]);
}

#[test]
fn a_metric_that_is_no_queues_has_no_queue() {
    let mut world = found();
    let Watches::Metrics { metrics, .. } = &mut alarm(&mut world).watches else {
        panic!("it watches metrics");
    };
    metrics[0].namespace = "Orders".to_owned();
    world.queues.clear();
    let report = judge(&read(&document()), &world, &BTreeSet::new());
    assert_eq!(said(&report), []);
    assert_eq!(report.reactions[0].dying, None);
    assert_eq!(report.reactions[0].asleep_seconds, 0);
    assert_eq!(report.share.map(|share| share.chances.len()), Some(0));
}

fn compare() -> Value {
    let metric = json!({"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"});
    json!({"kind": "compare", "metric": metric, "ratio_max": 1.5, "total_min": 500, "window_minutes": 10})
}

#[test]
fn a_queue_whose_growth_is_counted_is_one_that_messages_die_into() {
    fn counts(policy: &mut Value) {
        policy["checks"] = json!([{"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20}]);
    }
    const QUEUE: &str = "checks[0].queue";
    check(&[
        ("it is", counts, as_it_is, &[]),
        (
            "it is not there",
            counts,
            |found| drop(found.queues.insert("orders-dlq".to_owned(), Part::Known(None))),
            &[(Refused, QUEUE, "dlq_growth counts queue orders-dlq, and there is none")],
        ),
        (
            "it cannot be read",
            counts,
            |found| drop(found.queues.insert("orders-dlq".to_owned(), unread())),
            &[(Unread, QUEUE, "need more")],
        ),
        (
            "nothing dies there",
            counts,
            |found| queue(found).sources = Part::Known(Vec::new()),
            &[(Warning, QUEUE, "no queue of this account and region has orders-dlq")],
        ),
    ]);
}

#[test]
fn where_the_canarys_failures_are_compared_it_does_not_matter_that_an_alarm_hardly_sees_them() {
    check(&[(
        "compared",
        |policy| policy["checks"].as_array_mut().unwrap().push(compare()),
        |found| source(found).receives_max = 3,
        &[],
    )]);
}
