//! What CloudWatch keeps of the time of a release, for a person who reviews it later.
//!
//! # Guarantees
//! Reads only, and nothing of the ledger. What cannot be read is unknown, with what is missing to read it, and says
//! nothing of the rest.

mod metrics;

use crate::Clients;
use crate::live::{explain, queues};
use crate::observe::alarms::described;
use aws_sdk_cloudwatch::types::{CompositeAlarm, MetricAlarm};
use decide::policy::{Check, CountedMetric, Traffic};
use decide::{At, Part, Policy, Release, short};
use futures_util::future::{join_all, join3};
use metrics::{Ask, ask, grain};
use std::collections::{BTreeMap, BTreeSet};

/// Values of a metric, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Seconds of a period.
    pub every_seconds: u32,
    /// A value for each period that has one, by its beginning.
    pub points: Vec<(At, f64)>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    /// Queues that the policy's checks and alarms watch, and those whose messages die into them.
    pub queues: Vec<Queue>,
    /// What checks looked at, by their place in the policy; those that look at no metric are not here.
    pub checks: BTreeMap<usize, Judged>,
    /// Requests that the target groups of canary and stable got, where a load balancer shares the work.
    pub requests: Option<[Part<Line>; 2]>,
    /// What could not be read at all.
    pub unread: Vec<String>,
}

/// Periods of what was read, where they are longer than those that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Longer {
    /// Seconds of a period that is judged.
    pub own_seconds: u32,
    /// Seconds of a period that was read.
    pub every_seconds: u32,
    /// Whether what was read is told so that it can be held against the same bound.
    pub can_be_compared: bool,
}

/// A queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Whether messages die into it.
    pub is_for_dead: bool,
    /// Messages that anybody could receive.
    pub visible: Part<Line>,
    /// Messages that somebody had received, and neither deleted nor given back.
    pub in_flight: Part<Line>,
}

/// What a check looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// Its numbers, by what they are.
    pub lines: Vec<(String, Part<Line>)>,
    /// Where an alarm goes to ALARM, as it stands today.
    pub alarm: Option<Threshold>,
    /// Where its numbers are of longer periods than those that are judged.
    pub longer: Option<Longer>,
    /// The queue whose depth it is.
    pub depth_of: Option<String>,
    /// Why there are no numbers.
    pub none: Option<String>,
}

/// Where an alarm goes to ALARM.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The threshold.
    pub value: f64,
    /// How values are compared with it, as AWS calls it (`GreaterThanThreshold`).
    pub comparison: String,
    /// Seconds of a period.
    pub period_seconds: u32,
    /// Periods that are looked at.
    pub periods: u32,
    /// Periods of these that must breach.
    pub periods_to_alarm: u32,
}

/// Reads what there is from one moment to another; `now` says what CloudWatch still keeps.
pub async fn look(clients: &Clients, policy: &Policy, release: &Release, (from, until): (At, At), now: At) -> Review {
    let mut review = Review::default();
    let (alarms, composites) = match described(&clients.cloudwatch, policy).await {
        Ok(described) => described,
        Err(refused) => {
            review.unread.push(explain("cloudwatch", &refused));
            (Vec::new(), Vec::new())
        }
    };
    let grain = grain((from, until), now);
    let mut asks = BTreeMap::new();
    for (place, check) in policy.checks.iter().enumerate() {
        match asked(check, release, &alarms, &composites, grain) {
            (judged, None) => {
                review.checks.insert(place, judged);
            }
            (judged, Some(ask)) => {
                asks.insert(place, (judged, ask));
            }
        }
    }
    let watched = asks.values().filter_map(|(judged, _)| judged.depth_of.as_deref());
    let names: BTreeSet<&str> = watched.chain(policy.dead_letter_queues()).collect();
    let queues = of_queues(clients, names, grain, (from, until));
    let cloudwatch = &clients.cloudwatch;
    let checks = asks.iter().map(|(place, (judged, asked))| async move {
        let lines = ask(cloudwatch, asked, (from, until)).await;
        let lines = judged.lines.iter().map(|(name, _)| name.clone()).zip(lines).collect();
        let judged = Judged {
            lines,
            ..judged.clone()
        };
        (*place, judged)
    });
    let requests = of_requests(clients, policy, grain, (from, until));
    let ((queues, unread), checks, requests) = join3(queues, join_all(checks), requests).await;
    review.requests = requests;
    review.queues = queues;
    review.unread.extend(unread);
    review.checks.extend(checks);
    review
}

/// Nothing, where no load balancer shares the work.
async fn of_requests(clients: &Clients, policy: &Policy, grain: u32, time: (At, At)) -> Option<[Part<Line>; 2]> {
    let asks = match &policy.traffic {
        Traffic::Alb(alb) => Ask::of_requests(alb, grain),
        Traffic::ConsumerShare { .. } => return None,
    };
    let lines = ask(&clients.cloudwatch, &asks, time).await;
    lines.try_into().ok()
}

/// The queues by name, the dead first, and what could not be read of them.
async fn of_queues(clients: &Clients, names: BTreeSet<&str>, grain: u32, time: (At, At)) -> (Vec<Queue>, Vec<String>) {
    let mut kinds: BTreeMap<String, bool> = names.iter().map(|name| ((*name).to_owned(), true)).collect();
    let mut unread = Vec::new();
    for (name, queue) in queues::queues(clients.sqs(), names).await {
        let sources = match queue {
            Part::Known(Some(queue)) => queue.sources,
            // One that is gone may still have its metrics.
            Part::Known(None) => continue,
            Part::Unknown(why) => Part::Unknown(why),
        };
        match sources {
            Part::Known(sources) => {
                for source in sources {
                    kinds.entry(source.name).or_insert(false);
                }
            }
            Part::Unknown(why) => unread.push(format!("which queue has {name} for its dead letters: {why}")),
        }
    }
    let mut queues = Vec::new();
    for (name, is_for_dead) in kinds {
        let asks = Ask::of_queue(&name, grain);
        let mut lines = ask(&clients.cloudwatch, &asks, time).await.into_iter();
        let mut next = || {
            lines
                .next()
                .unwrap_or_else(|| Part::Unknown("not asked for".to_owned()))
        };
        let (visible, in_flight) = (next(), next());
        queues.push(Queue {
            name,
            is_for_dead,
            visible,
            in_flight,
        });
    }
    (queues, unread)
}

/// What a check looks at, and what to ask for it; the names of its lines are there before their values.
fn asked(
    check: &Check,
    release: &Release,
    alarms: &[MetricAlarm],
    composites: &[CompositeAlarm],
    grain: u32,
) -> (Judged, Option<Ask>) {
    let none = |why: &str| {
        let judged = Judged {
            none: Some(why.to_owned()),
            ..Judged::default()
        };
        (judged, None)
    };
    let revision = release.canary.given.as_ref().map(|given| short(&given.task_definition));
    match (check, revision) {
        (Check::Alarm { name, .. }, _) => match alarms.iter().find(|alarm| alarm.alarm_name() == Some(name)) {
            Some(alarm) => of_alarm(alarm, grain),
            None if composites.iter().any(|alarm| alarm.alarm_name() == Some(name)) => {
                none("it is made of other alarms, and has no metric of its own")
            }
            None => none("CloudWatch did not describe this alarm"),
        },
        (Check::DlqGrowth { queue, .. }, _) => {
            let judged = Judged {
                depth_of: Some(queue.clone()),
                ..Judged::default()
            };
            (judged, None)
        }
        (Check::Health { .. }, _) => none("it counts failed tasks, which CloudWatch does not"),
        (_, None) => none("the canary was not given a revision whose numbers could be told"),
        (Check::Compare { metric, .. }, Some(canary)) => {
            of_comparison(metric, canary, short(release.stable.baseline_runs_as()), grain)
        }
        (Check::Metric { metric } | Check::Expression { metric }, Some(revision)) => {
            let metric = metric.of_revision(revision);
            named(vec![metric.to_string()], Ask::of_measured(&metric, grain))
        }
    }
}

fn named(names: Vec<String>, ask: Ask) -> (Judged, Option<Ask>) {
    let unasked = || Part::Unknown("not asked for".to_owned());
    let judged = Judged {
        longer: ask.longer(),
        lines: names.into_iter().map(|name| (name, unasked())).collect(),
        ..Judged::default()
    };
    (judged, Some(ask))
}

fn of_comparison(metric: &CountedMetric, canary: &str, stable: &str, grain: u32) -> (Judged, Option<Ask>) {
    let numbers = [
        (&metric.failed, canary),
        (&metric.total, canary),
        (&metric.failed, stable),
        (&metric.total, stable),
    ];
    let names = numbers.map(|(metric, revision)| format!("{metric} of {revision}"));
    named(names.into(), Ask::of_counts(metric, numbers, grain))
}

fn of_alarm(alarm: &MetricAlarm, grain: u32) -> (Judged, Option<Ask>) {
    let (ask, name) = match Ask::of_alarm(alarm, grain) {
        Some(asked) => asked,
        None => {
            let none = Some("its metric cannot be asked for: it watches a query of its own".to_owned());
            return (
                Judged {
                    none,
                    ..Judged::default()
                },
                None,
            );
        }
    };
    let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let periods = count(alarm.evaluation_periods()).unwrap_or(1);
    let own = alarm.threshold().filter(|_| alarm.threshold_metric_id().is_none());
    let threshold = own.map(|value| Threshold {
        value,
        comparison: alarm
            .comparison_operator()
            .map_or("", |operator| operator.as_str())
            .to_owned(),
        period_seconds: ask.own_seconds,
        periods,
        periods_to_alarm: count(alarm.datapoints_to_alarm()).unwrap_or(periods),
    });
    let (judged, ask) = named(vec![name], ask);
    let judged = Judged {
        alarm: threshold,
        depth_of: crate::observe::alarms::depth_of(alarm),
        ..judged
    };
    (judged, ask)
}
