//! What canary and stable have counted, for all comparisons of a policy at once.

use super::series::{Series, series, span};
use super::unknown;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use decide::{Comparison, Part, SeenComparison, SeenCount};
use std::collections::{BTreeMap, BTreeSet};

/// One datum for each minute: what lies outside a comparison's own minutes can be left out.
const PERIOD_SECONDS: i32 = 60;

/// Asks for everything at once; not at all, where nothing is compared.
pub(super) async fn compared(client: &Client, asked: Vec<Comparison>) -> Part<Vec<SeenComparison>> {
    let Some(span) = span(asked.iter().map(|one| (one.from, one.until))) else {
        return Part::Known(Vec::new());
    };
    let metrics: Vec<String> = asked.iter().map(|one| one.metric.to_string()).collect();
    // Two comparisons of one check are of the same numbers, in other minutes.
    let mut named = BTreeSet::new();
    let of_check = asked.iter().filter(|one| named.insert(one.check));
    let queries = of_check.flat_map(queries).collect();
    let series = match series(client, queries, span, &metrics.join(", ")).await {
        Ok(series) => series,
        Err(refused) => return unknown(&refused),
    };
    let answers: Result<Vec<SeenComparison>, String> = asked.into_iter().map(|one| answer(one, &series)).collect();
    answers.map_or_else(Part::Unknown, Part::Known)
}

/// The four numbers of a comparison, by a name that begins a query's id, with metric and revision.
fn numbers(one: &Comparison) -> [(&'static str, &str, &str); 4] {
    let metric = &one.metric;
    [
        ("canary_failed", &metric.failed, &one.canary),
        ("canary_total", &metric.total, &one.canary),
        ("stable_failed", &metric.failed, &one.stable),
        ("stable_total", &metric.total, &one.stable),
    ]
}

fn id(name: &str, one: &Comparison) -> String {
    format!("{name}_{}", one.check)
}

/// Without a unit, data of every unit are asked for.
fn queries(one: &Comparison) -> Vec<MetricDataQuery> {
    let query = |(name, metric, revision): (&str, &str, &str)| {
        let dimension = Dimension::builder().name(&one.metric.dimension).value(revision);
        let metric = Metric::builder()
            .namespace(&one.metric.namespace)
            .metric_name(metric)
            .dimensions(dimension.build());
        let sum = MetricStat::builder()
            .metric(metric.build())
            .period(PERIOD_SECONDS)
            .stat("Sum");
        MetricDataQuery::builder()
            .id(id(name, one))
            .metric_stat(sum.build())
            .build()
    };
    numbers(one).map(query).into()
}

/// # Errors
/// Where a number is not there as a whole, or counts nothing.
fn answer(asked: Comparison, series: &BTreeMap<String, Series>) -> Result<SeenComparison, String> {
    let mut counts = [None; 4];
    for (count, (name, metric, revision)) in counts.iter_mut().zip(numbers(&asked)) {
        let found = series.get(&id(name, &asked)).filter(|series| series.complete);
        let found = found.ok_or_else(|| format!("CloudWatch gave {metric} of {revision} only in part"))?;
        let own = found.points.range(asked.from..asked.until);
        *count = whole(own.map(|(_, value)| *value))
            .map_err(|value| format!("{metric} of {revision} is {value}, which counts no messages"))?;
    }
    let [canary_failed, canary_total, stable_failed, stable_total] = counts;
    Ok(SeenComparison {
        canary: SeenCount {
            failed: canary_failed,
            total: canary_total,
        },
        stable: SeenCount {
            failed: stable_failed,
            total: stable_total,
        },
        asked,
    })
}

/// The sum of counts; nothing of none.
///
/// # Errors
/// A datum that is no whole number of messages.
fn whole(values: impl Iterator<Item = f64>) -> Result<Option<u64>, f64> {
    // Beyond, not every whole number can be told from the next.
    let counts = 0.0..=9_007_199_254_740_992.0;
    let mut sum = None;
    for value in values {
        if value.fract() != 0.0 || !counts.contains(&value) {
            return Err(value);
        }
        sum = Some(sum.unwrap_or(0) + value as u64);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::{Series, answer, whole};
    use decide::policy::CountedMetric;
    use decide::{At, Comparison};
    use std::collections::BTreeMap;

    fn minute(number: i64) -> At {
        At::from_millis(1_795_230_000_000 + number * 60_000)
    }

    fn asked() -> Comparison {
        Comparison {
            check: 1,
            metric: CountedMetric {
                namespace: "Orders".to_owned(),
                failed: "Failed".to_owned(),
                total: "Handled".to_owned(),
                dimension: "Revision".to_owned(),
            },
            canary: "orders-canary:2".to_owned(),
            stable: "orders:1".to_owned(),
            from: minute(2),
            until: minute(4),
        }
    }

    fn series() -> BTreeMap<String, Series> {
        let names = ["canary_failed_1", "canary_total_1", "stable_failed_1", "stable_total_1"];
        let of = |index: usize| Series {
            points: (0..6)
                .map(|number| (minute(number), 10.0 * index as f64 + number as f64))
                .collect(),
            complete: true,
            ..Series::default()
        };
        names
            .iter()
            .enumerate()
            .map(|(index, name)| ((*name).to_owned(), of(index)))
            .collect()
    }

    #[test]
    fn only_a_comparisons_own_minutes_are_added_up_the_last_one_left_out() {
        let found = answer(asked(), &series()).unwrap();
        assert_eq!((found.canary.failed, found.canary.total), (Some(2 + 3), Some(12 + 13)));
        assert_eq!(
            (found.stable.failed, found.stable.total),
            (Some(22 + 23), Some(32 + 33))
        );
    }

    #[test]
    fn what_cloudwatch_did_not_give_as_a_whole_is_unknown() {
        let mut part = series();
        part.get_mut("stable_failed_1").unwrap().complete = false;
        let mut missing = series();
        missing.remove("stable_failed_1");
        for series in [part, missing] {
            let why = answer(asked(), &series).unwrap_err();
            assert_eq!(why, "CloudWatch gave Failed of orders:1 only in part");
        }
    }

    #[test]
    fn only_whole_numbers_count_and_none_is_not_nought() {
        let sums: [(&[f64], Option<u64>); 3] = [(&[], None), (&[0.0], Some(0)), (&[1.0, 2.0], Some(3))];
        for (values, expected) in sums {
            assert_eq!(whole(values.iter().copied()), Ok(expected), "{values:?}");
        }
        for value in [0.5, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert!(whole([1.0, value].into_iter()).is_err(), "{value}");
        }
    }
}
