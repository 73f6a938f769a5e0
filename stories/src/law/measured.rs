//! What a `metric` or an `expression` check failed for, asked of CloudWatch once more in the end.

use super::evidence::{Evidence, Release, moment, text};
use super::metric::asked;
use super::world::{Run, short};
use crate::Stage;
use serde_json::{Value, json};
use simulator::At;
use std::collections::BTreeMap;

/// When the last period ended for which a release was taken back, by its id; only where CloudWatch knows of a check of its
/// policy that every one of these periods was above.
pub(super) fn of(stage: &Stage, evidence: &Evidence) -> BTreeMap<String, At> {
    let taken_back = evidence
        .releases
        .iter()
        .map(|release| (release, evidence.cause_of(release)));
    let failed = taken_back.filter(|(_, cause)| cause["cause"] == "metric");
    let failed = failed.filter_map(|(release, cause)| Some((release.id().to_owned(), above(stage, release, &cause)?)));
    failed.collect()
}

fn above(stage: &Stage, release: &Release, cause: &Value) -> Option<At> {
    let (from, until) = (moment(&cause["from"])?, moment(&cause["until"])?);
    let revision = short(&text(&release.document["canary"]["given"]["task_definition"])).to_owned();
    let checks = release.frozen["checks"].as_array()?;
    let bounded = checks.iter().filter(|check| check["metric"]["periods"].is_number());
    let mut breached = bounded.filter(|check| {
        let metric = &check["metric"];
        let Some(max) = metric["max"].as_f64() else {
            return false;
        };
        let values = values(stage, metric, &revision, (from, until));
        let periods = metric["periods"].as_u64().unwrap_or_default();
        values.len() as u64 == periods && values.iter().all(|value| *value > max)
    });
    breached.next().map(|_| until)
}

fn values(stage: &Stage, metric: &Value, revision: &str, (from, until): (At, At)) -> Vec<f64> {
    let period = metric["period_minutes"].as_i64().unwrap_or(1) * 60;
    let stat = |of: &Value| {
        let dimensions = of["dimensions"].as_array().into_iter().flatten().map(|dimension| {
            let value = text(&dimension["value"]).replace("{revision}", revision);
            json!({"Name": dimension["name"], "Value": value})
        });
        let metric = json!({
            "Namespace": of["namespace"], "MetricName": of["name"], "Dimensions": dimensions.collect::<Vec<_>>(),
        });
        json!({"Metric": metric, "Period": period, "Stat": of["statistic"]})
    };
    let queries: Vec<Value> = match metric["metrics"].as_array() {
        None => vec![json!({"Id": "asked", "MetricStat": stat(metric)})],
        Some(terms) => {
            let terms = terms
                .iter()
                .map(|term| json!({"Id": term["id"], "MetricStat": stat(term), "ReturnData": false}));
            terms
                .chain([json!({"Id": "asked", "Expression": metric["expression"]})])
                .collect()
        }
    };
    let values = asked(stage, &queries, (from, until))["Values"].as_array().cloned();
    values.unwrap_or_default().iter().filter_map(Value::as_f64).collect()
}

impl Evidence {
    /// When a release of an execution was above the bound of a check, by CloudWatch's own word.
    pub fn told_by_measure(&self, run: &Run) -> Option<At> {
        let mut releases = run.releases(self);
        releases.find_map(|release| self.measured.get(release.id()).copied())
    }
}
