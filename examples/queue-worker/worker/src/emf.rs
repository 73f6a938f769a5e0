//! What is put on record: lines in CloudWatch's embedded metric format on standard output, which the `awslogs` driver
//! hands to CloudWatch Logs, and that makes metrics of them.
//!
//! # Source
//! "Specification: Embedded metric format", CloudWatch user guide. `PutLogEvents` needs no header for it.

use serde_json::{Value, json};

/// Name of the metric that counts messages, handled and failed.
const TOTAL: &str = "Handled";
/// Name of the metric that counts failures.
const FAILED: &str = "Failed";
/// Dimension that tells revisions apart: its value is `family:revision`.
const DIMENSION: &str = "Revision";

/// What was done since the last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages, handled and failed.
    pub total: u32,
    /// Failed ones of them.
    pub failed: u32,
}

impl Counts {
    /// Counts a message.
    pub fn count(&mut self, failed: bool) {
        self.total += 1;
        self.failed += u32::from(failed);
    }

    /// The line, which leaves nothing counted; none where nothing was done.
    pub fn line(&mut self, namespace: &str, revision: &str, at_millis: u64) -> Option<String> {
        let Counts { total, failed } = std::mem::take(self);
        if total == 0 {
            return None;
        }
        let metric = |name: &str| json!({"Name": name, "Unit": "Count"});
        let directive: Value = json!({
            "Namespace": namespace, "Dimensions": [[DIMENSION]], "Metrics": [metric(TOTAL), metric(FAILED)],
        });
        let line = json!({
            "_aws": {"Timestamp": at_millis, "CloudWatchMetrics": [directive]},
            DIMENSION: revision, TOTAL: total, FAILED: failed,
        });
        Some(line.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;
    use serde_json::Value;

    #[test]
    fn a_line_names_every_metric_and_dimension_that_it_has_a_value_for() {
        let mut counts = Counts::default();
        assert_eq!(counts.line("Orders", "orders:7", 5), None);
        for failed in [true, false, true] {
            counts.count(failed);
        }
        let line = counts.line("Orders", "orders:7", 1_795_230_000_000).expect("a line");
        assert!(!line.contains('\n'));
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "Orders");
        assert_eq!(directive["Dimensions"], serde_json::json!([["Revision"]]));
        let values = directive["Metrics"].as_array().expect("metrics");
        let values: Vec<&Value> = values
            .iter()
            .map(|metric| &line[metric["Name"].as_str().expect("a name")])
            .collect();
        assert_eq!(
            (values[0], values[1], &line["Revision"]),
            (&3.into(), &2.into(), &"orders:7".into())
        );
        assert_eq!(counts, Counts::default());
    }
}
