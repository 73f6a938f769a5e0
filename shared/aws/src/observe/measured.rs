//! What metrics were, for all checks of a policy at once.

use super::series::{Series, series, span};
use super::unknown;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use decide::policy::{Measured, Statistic};
use decide::{At, Measure, Part, SeenMeasure};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// Asks for everything side by side: for all metrics in one call, for each expression in one of its own. One that
/// CloudWatch refuses says nothing of the others, and what it calculates depends on the time that is asked for.
pub(super) async fn measured(client: &Client, asked: Vec<Measure>) -> Part<Vec<SeenMeasure>> {
    let (metrics, math): (Vec<Measure>, Vec<Measure>) = asked
        .into_iter()
        .partition(|one| matches!(one.metric.of, Measured::One(_)));
    let calls = std::iter::once(metrics).chain(math.into_iter().map(|one| vec![one]));
    let calls = calls.filter(|call| !call.is_empty()).map(|call| together(client, call));
    Part::Known(join_all(calls).await.into_iter().flatten().collect())
}

/// The answers to one call.
async fn together(client: &Client, asked: Vec<Measure>) -> Vec<SeenMeasure> {
    let Some(span) = span(asked.iter().map(|one| (one.from, one.until))) else {
        return Vec::new();
    };
    let metrics: Vec<String> = asked.iter().map(|one| one.metric.to_string()).collect();
    // What is asked of the same periods, once more or less of them, is the same.
    let mut named = BTreeSet::new();
    let queries = asked.iter().filter(|one| named.insert(id(one))).flat_map(queries);
    let queries = queries.collect();
    let series = series(client, queries, span, &metrics.join(", ")).await;
    let answers = asked.into_iter().map(|asked| {
        let values = match &series {
            Ok(series) => answer(&asked, series).map_or_else(Part::Unknown, Part::Known),
            Err(refused) => unknown(refused),
        };
        SeenMeasure { asked, values }
    });
    answers.collect()
}

fn id(one: &Measure) -> String {
    format!("measured_{}_{}", one.check, one.metric.period_minutes)
}

/// One, or an expression and what its names stand for.
fn queries(one: &Measure) -> Vec<MetricDataQuery> {
    let period = i32::try_from(one.metric.period_minutes * 60).unwrap_or(i32::MAX);
    let stat = |of: &Statistic| {
        let dimensions = of.dimensions.iter();
        let dimensions = dimensions.map(|named| Dimension::builder().name(&named.name).value(&named.value).build());
        let metric = Metric::builder()
            .namespace(&of.namespace)
            .metric_name(&of.name)
            .set_dimensions(Some(dimensions.collect()));
        let stat = MetricStat::builder().metric(metric.build()).period(period);
        stat.stat(&of.statistic).build()
    };
    let asked = MetricDataQuery::builder().id(id(one));
    match &one.metric.of {
        Measured::One(of) => vec![asked.metric_stat(stat(of)).build()],
        Measured::Math { expression, metrics } => {
            let terms = metrics.iter().map(|term| {
                let query = MetricDataQuery::builder().id(&term.id).metric_stat(stat(&term.of));
                query.return_data(false).build()
            });
            // The period is that of what it is made of.
            terms.chain([asked.expression(expression).build()]).collect()
        }
    }
}

/// # Errors
/// Where CloudWatch has answered only in part.
fn answer(asked: &Measure, series: &BTreeMap<String, Series>) -> Result<Vec<Option<f64>>, String> {
    let found = series.get(&id(asked));
    if found.is_some_and(|series| series.several) {
        return Err(format!("CloudWatch has several series for {}", asked.metric));
    }
    let found = found.filter(|series| series.complete);
    let found = found.ok_or_else(|| format!("CloudWatch gave {} only in part", asked.metric))?;
    let period = i64::from(asked.metric.period_minutes) * 60_000;
    let periods = 0..i64::from(asked.metric.periods);
    let begins = periods.map(|place| At::from_millis(asked.from.millis() + place * period));
    let values = begins.map(|begins| found.points.get(&begins).copied().filter(|value| value.is_finite()));
    Ok(values.collect())
}

#[cfg(test)]
mod tests {
    use super::{Series, answer};
    use decide::policy::{Bounded, Measured, Ratio, Statistic};
    use decide::{At, Measure};
    use std::collections::BTreeMap;

    fn minute(number: i64) -> At {
        At::from_millis(1_795_230_000_000 + number * 60_000)
    }

    fn asked() -> Measure {
        Measure {
            check: 2,
            metric: Bounded {
                of: Measured::One(Statistic {
                    namespace: "Orders".to_owned(),
                    name: "Latency".to_owned(),
                    statistic: "p99".to_owned(),
                    dimensions: Vec::new(),
                }),
                period_minutes: 5,
                periods: 3,
                max: Ratio::new(1.0).unwrap(),
            },
            from: minute(0),
            until: minute(15),
        }
    }

    #[test]
    fn each_period_has_its_own_datum_and_none_is_made_up() {
        let points = BTreeMap::from([
            (minute(0), 1.5),
            (minute(5), f64::NAN),
            (minute(11), 7.0),
            (minute(15), 8.0),
        ]);
        let series = BTreeMap::from([(
            "measured_2_5".to_owned(),
            Series {
                points,
                complete: true,
                ..Series::default()
            },
        )]);
        assert_eq!(answer(&asked(), &series).unwrap(), [Some(1.5), None, None]);
    }

    #[test]
    fn what_cloudwatch_did_not_give_as_a_whole_is_unknown() {
        let part = BTreeMap::from([("measured_2_5".to_owned(), Series::default())]);
        for series in [part, BTreeMap::new()] {
            let why = answer(&asked(), &series).unwrap_err();
            assert_eq!(why, "CloudWatch gave p99 of Latency in Orders only in part");
        }
        let several = Series {
            complete: true,
            several: true,
            ..Series::default()
        };
        let why = answer(&asked(), &BTreeMap::from([("measured_2_5".to_owned(), several)])).unwrap_err();
        assert_eq!(why, "CloudWatch has several series for p99 of Latency in Orders");
    }
}
