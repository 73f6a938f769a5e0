//! Queries for `GetMetricData` over hours or days, and their answers.
//!
//! # Source
//! Amazon CloudWatch API Reference, GetMetricData: data of periods under a minute are kept for three hours, of a minute
//! for 15 days, of five minutes for 63 days, of an hour for 455 days.

use super::{Line, Longer};
use crate::live::explain;
use crate::observe::series::series;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricAlarm, MetricDataQuery, MetricStat};
use decide::policy::{Alb, Bounded, CountedMetric, Measured, Statistic};
use decide::{At, Part};

const MINUTE_SECONDS: u32 = 60;
const DAY_SECONDS: i64 = 86_400;
/// Most values of a line: more than a screen has columns.
const VALUES_MAX: i64 = 1_500;
/// Periods of which values are kept, and for how many days; the last day is left out, as it may be gone a moment later.
const KEPT: [(u32, i64); 3] = [(60, 14), (300, 62), (3_600, 454)];

/// Seconds of the finest period that CloudWatch still has of this time, and that is not too many values.
pub(super) fn grain((from, until): (At, At), now: At) -> u32 {
    let seconds = |from: At, until: At| (until.millis() - from.millis()) / 1_000;
    let (age, span) = (seconds(from, now), seconds(from, until));
    let fits = |(period, days): &&(u32, i64)| age <= days * DAY_SECONDS && span / i64::from(*period) <= VALUES_MAX;
    KEPT.iter().find(fits).map_or(3_600, |(period, _)| *period)
}

/// What is asked in one call.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    queries: Vec<MetricDataQuery>,
    /// Ids of the queries whose answers are lines, in order.
    ids: Vec<String>,
    /// What it is, for people.
    on: String,
    /// Seconds of a period as whoever judges looks at it.
    pub own_seconds: u32,
    /// Seconds of a period as it is asked for.
    pub every_seconds: u32,
    /// What makes a value of a longer period one of its own; nothing where none can be made of it.
    factor: Option<f64>,
}

/// What a value of a longer period is multiplied by, so that it is one of a shorter period: sums grow with their period.
fn factor(statistic: &str, own_seconds: u32, every_seconds: u32) -> f64 {
    match statistic {
        "Sum" | "SampleCount" => f64::from(own_seconds.max(1)) / f64::from(every_seconds.max(1)),
        _ => 1.0,
    }
}

/// A period of their own as whole times of what is kept.
fn coarse(own: u32, grain: u32) -> u32 {
    let own = own.max(1);
    own * grain.div_ceil(own).max(1)
}

fn stat(of: &Statistic, seconds: u32) -> MetricStat {
    let dimensions = of.dimensions.iter();
    let dimensions = dimensions.map(|named| Dimension::builder().name(&named.name).value(&named.value).build());
    let metric = Metric::builder()
        .namespace(&of.namespace)
        .metric_name(&of.name)
        .set_dimensions(Some(dimensions.collect()));
    let stat = MetricStat::builder().metric(metric.build()).stat(&of.statistic);
    stat.period(whole(seconds)).build()
}

fn whole(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn query(id: &str, stat: MetricStat) -> MetricDataQuery {
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

fn statistic(namespace: &str, name: &str, statistic: &str, (dimension, value): (&str, &str)) -> Statistic {
    Statistic {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        statistic: statistic.to_owned(),
        dimensions: vec![decide::policy::Named {
            name: dimension.to_owned(),
            value: value.to_owned(),
        }],
    }
}

impl Ask {
    fn new(queries: Vec<(String, MetricStat)>, on: String, seconds: u32) -> Ask {
        Ask {
            ids: queries.iter().map(|(id, _)| id.clone()).collect(),
            queries: queries.into_iter().map(|(id, stat)| query(&id, stat)).collect(),
            on,
            own_seconds: MINUTE_SECONDS,
            every_seconds: seconds,
            factor: Some(1.0),
        }
    }

    /// How its values stand to the periods that are judged, where those are shorter.
    pub fn longer(&self) -> Option<Longer> {
        (self.every_seconds > self.own_seconds).then_some(Longer {
            own_seconds: self.own_seconds,
            every_seconds: self.every_seconds,
            can_be_compared: self.factor.is_some(),
        })
    }

    /// Requests to the target groups of canary and stable.
    pub fn of_requests(alb: &Alb, grain: u32) -> Ask {
        let balancer = alb.rule.split('/').skip(1).take(3).collect::<Vec<_>>().join("/");
        let groups = [&alb.canary_target_group, &alb.stable_target_group];
        let stats = groups.iter().enumerate().map(|(place, arn)| {
            let group = arn.rsplit(':').next().unwrap_or_default();
            let mut of = statistic("AWS/ApplicationELB", "RequestCount", "Sum", ("LoadBalancer", &balancer));
            of.dimensions.push(decide::policy::Named {
                name: "TargetGroup".to_owned(),
                value: group.to_owned(),
            });
            (format!("requests_{place}"), stat(&of, grain))
        });
        Ask::new(stats.collect(), "RequestCount of both target groups".to_owned(), grain)
    }

    /// Messages that can be received, and that somebody has received.
    pub fn of_queue(name: &str, grain: u32) -> Ask {
        let metrics = [
            "ApproximateNumberOfMessagesVisible",
            "ApproximateNumberOfMessagesNotVisible",
        ];
        let stats = metrics.iter().enumerate().map(|(place, metric)| {
            let of = statistic("AWS/SQS", metric, "Maximum", ("QueueName", name));
            (format!("depth_{place}"), stat(&of, grain))
        });
        Ask::new(stats.collect(), name.to_owned(), grain)
    }

    /// Sums of what two revisions counted.
    pub fn of_counts(metric: &CountedMetric, numbers: [(&String, &str); 4], grain: u32) -> Ask {
        let stats = numbers.iter().enumerate().map(|(place, (name, revision))| {
            let of = statistic(&metric.namespace, name, "Sum", (&metric.dimension, revision));
            (format!("count_{place}"), stat(&of, grain))
        });
        Ask::new(stats.collect(), metric.to_string(), grain)
    }

    /// What a `metric` or an `expression` check looks at, of a revision.
    pub fn of_measured(metric: &Bounded, grain: u32) -> Ask {
        let own_seconds = metric.period_minutes.max(1).saturating_mul(MINUTE_SECONDS);
        let seconds = coarse(own_seconds, grain);
        let id = "measured".to_owned();
        let queries = match &metric.of {
            Measured::One(of) => vec![query(&id, stat(of, seconds))],
            Measured::Math { expression, metrics } => {
                let terms = metrics.iter().map(|term| {
                    let query = MetricDataQuery::builder()
                        .id(&term.id)
                        .metric_stat(stat(&term.of, seconds));
                    query.return_data(false).build()
                });
                let asked = MetricDataQuery::builder().id(&id).expression(expression);
                terms.chain([asked.build()]).collect()
            }
        };
        let factor = match &metric.of {
            Measured::One(of) => Some(factor(&of.statistic, own_seconds, seconds)),
            Measured::Math { .. } => None,
        };
        Ask {
            queries,
            ids: vec![id],
            on: metric.to_string(),
            own_seconds,
            every_seconds: seconds,
            factor,
        }
    }

    /// What an alarm watches, and its name for people; nothing where it is no metric and no metric math.
    pub fn of_alarm(alarm: &MetricAlarm, grain: u32) -> Option<(Ask, String)> {
        let on = alarm.alarm_name().unwrap_or_default().to_owned();
        let seconds = |period: Option<i32>| period.and_then(|period| u32::try_from(period).ok());
        if let Some(name) = alarm.metric_name() {
            let of = Statistic {
                namespace: alarm.namespace().unwrap_or_default().to_owned(),
                name: name.to_owned(),
                statistic: (alarm.statistic().map(|known| known.as_str()))
                    .or(alarm.extended_statistic())?
                    .to_owned(),
                dimensions: (alarm.dimensions().iter())
                    .filter_map(|dimension| {
                        Some(decide::policy::Named {
                            name: dimension.name()?.to_owned(),
                            value: dimension.value()?.to_owned(),
                        })
                    })
                    .collect(),
            };
            let own_seconds = seconds(alarm.period()).unwrap_or(MINUTE_SECONDS);
            let every = coarse(own_seconds, grain);
            let ask = Ask::new(vec![("watched".to_owned(), stat(&of, every))], on, every);
            let factor = Some(factor(&of.statistic, own_seconds, every));
            let ask = Ask {
                own_seconds,
                factor,
                ..ask
            };
            return Some((ask, of.to_string()));
        }
        // PromQL and SQL stand in expressions without a metric beside them.
        let periods = alarm
            .metrics()
            .iter()
            .filter_map(|query| seconds(query.metric_stat()?.period()));
        let own_seconds = periods.max()?;
        let every = coarse(own_seconds, grain);
        let queries = alarm.metrics().iter().map(|query| {
            let mut coarser = query.clone();
            if let Some(stat) = &mut coarser.metric_stat {
                stat.period = Some(whole(every));
            }
            coarser
        });
        let queries: Vec<MetricDataQuery> = queries.collect();
        let is_line =
            |query: &&MetricDataQuery| query.return_data().unwrap_or(true) && query.id() != alarm.threshold_metric_id();
        let watched = queries.iter().find(is_line)?;
        let name = watched
            .label()
            .or(watched.expression())
            .or(watched.id())
            .unwrap_or_default();
        let name = crate::event::bounded(name, 120);
        let ids = vec![watched.id().unwrap_or_default().to_owned()];
        let ask = Ask {
            queries,
            ids,
            on,
            own_seconds,
            every_seconds: every,
            factor: None,
        };
        Some((ask, name))
    }
}

/// A line for each of its ids.
pub(super) async fn ask(client: &Client, ask: &Ask, (from, until): (At, At)) -> Vec<Part<Line>> {
    let period = i64::from(ask.every_seconds) * 1_000;
    // Whole periods, so that none is told by a part of it.
    let from = At::from_millis(from.millis().div_euclid(period) * period);
    let until = At::from_millis(-(-until.millis()).div_euclid(period) * period);
    let series = match series(client, ask.queries.clone(), (from, until), &ask.on).await {
        Ok(series) => series,
        Err(refused) => {
            let why = explain("cloudwatch", &refused);
            return ask.ids.iter().map(|_| Part::Unknown(why.clone())).collect();
        }
    };
    let factor = ask.factor.unwrap_or(1.0);
    let lines = ask.ids.iter().map(|id| match series.get(id) {
        Some(found) if found.several => Part::Unknown(format!("CloudWatch has several series for {}", ask.on)),
        Some(found) if found.complete => Part::Known(Line {
            every_seconds: ask.every_seconds,
            points: found.points.iter().map(|(at, value)| (*at, *value * factor)).collect(),
        }),
        Some(_) | None => Part::Unknown(format!("CloudWatch gave {} only in part", ask.on)),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{coarse, factor, grain};
    use decide::At;

    #[test]
    fn the_period_is_the_finest_that_is_kept_and_still_a_line() {
        let night = At::from_millis(1_795_230_000_000);
        let after = |seconds: u32| night.plus_seconds(seconds);
        let (hour, day) = (3_600, 86_400);
        let cases = [
            (hour, hour, 60),
            (day, day, 60),
            (2 * day, 2 * day, 300),
            (10 * day, 11 * day, 3_600),
            // Long ago, the minutes are gone.
            (hour, 14 * day, 60),
            (hour, 15 * day, 300),
            (hour, 63 * day, 3_600),
            (hour, 900 * day, 3_600),
            (0, 0, 60),
        ];
        for (long, ago, expected) in cases {
            assert_eq!(
                grain((night, after(long)), after(ago)),
                expected,
                "{long} s, {ago} s ago"
            );
        }
    }

    #[test]
    fn a_sum_of_a_longer_period_is_told_as_one_of_its_own_and_nothing_else_is_changed() {
        for (statistic, own, every, expected) in [
            ("Sum", 60, 300, 0.2),
            ("SampleCount", 60, 3_600, 1.0 / 60.0),
            ("Sum", 300, 300, 1.0),
            ("Average", 60, 300, 1.0),
            ("Maximum", 60, 300, 1.0),
            ("TM(90%:100%)", 60, 300, 1.0),
        ] {
            assert_eq!(
                factor(statistic, own, every),
                expected,
                "{statistic} of {own} s in {every} s"
            );
        }
    }

    #[test]
    fn a_period_stays_whole_times_of_its_own() {
        for (own, grain, expected) in [
            (60, 60, 60),
            (300, 60, 300),
            (60, 300, 300),
            (120, 300, 360),
            (10, 60, 60),
            (0, 60, 60),
        ] {
            assert_eq!(coarse(own, grain), expected, "{own} at {grain}");
        }
    }
}
