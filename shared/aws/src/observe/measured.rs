//! What metrics were, for all checks of a policy at once.

use super::series::{Series, series, span};
use super::unknown;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use decide::policy::{Measured, Statistic};
use decide::{At, Measure, Part, SeenMeasure};
use std::collections::BTreeMap;

/// Asks for everything at once; not at all, where nothing is measured.
pub(super) async fn measured(client: &Client, asked: Vec<Measure>) -> Part<Vec<SeenMeasure>> {
    let Some(span) = span(asked.iter().map(|one| (one.from, one.until))) else {
        return Part::Known(Vec::new());
    };
    let metrics: Vec<String> = asked.iter().map(|one| one.metric.to_string()).collect();
    let queries = asked.iter().flat_map(queries).collect();
    let series = match series(client, queries, span, &metrics.join(", ")).await {
        Ok(series) => series,
        Err(refused) => return unknown(&refused),
    };
    let answers: Result<Vec<SeenMeasure>, String> = asked.into_iter().map(|one| answer(one, &series)).collect();
    answers.map_or_else(Part::Unknown, Part::Known)
}

fn id(one: &Measure) -> String {
    format!("measured_{}", one.check)
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
fn answer(asked: Measure, series: &BTreeMap<String, Series>) -> Result<SeenMeasure, String> {
    let found = series.get(&id(&asked)).filter(|series| series.complete);
    let found = found.ok_or_else(|| format!("CloudWatch gave {} only in part", asked.metric))?;
    let period = i64::from(asked.metric.period_minutes) * 60_000;
    let periods = 0..i64::from(asked.metric.periods);
    let begins = periods.map(|place| At::from_millis(asked.from.millis() + place * period));
    let values = begins
        .map(|begins| found.points.get(&begins).copied().filter(|value| value.is_finite()))
        .collect();
    Ok(SeenMeasure { asked, values })
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
        let series = BTreeMap::from([("measured_2".to_owned(), Series { points, complete: true })]);
        assert_eq!(answer(asked(), &series).unwrap().values, [Some(1.5), None, None]);
    }

    #[test]
    fn what_cloudwatch_did_not_give_as_a_whole_is_unknown() {
        let part = BTreeMap::from([("measured_2".to_owned(), Series::default())]);
        for series in [part, BTreeMap::new()] {
            let why = answer(asked(), &series).unwrap_err();
            assert_eq!(why, "CloudWatch gave p99 of Latency in Orders only in part");
        }
    }
}
