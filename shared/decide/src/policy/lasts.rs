//! How long a policy's steps take, with what they wait for.

use super::{Bounded, Check, Policy, Step};

/// Until a minute that has ended is looked at: it is asked for a minute later, and a look comes within another.
const SEEN_MINUTES: u32 = 2;

/// The same of what AWS measures itself, which is asked for a minute later still.
const SEEN_OF_AWS_MINUTES: u32 = 3;

/// Until a metric has been measured over as many periods since any moment. In the worst case that is when a period has just
/// begun.
fn measured_minutes(metric: &Bounded) -> u32 {
    let seen = if metric.is_of_aws() {
        SEEN_OF_AWS_MINUTES
    } else {
        SEEN_MINUTES
    };
    metric
        .period_minutes
        .saturating_add(metric.minutes())
        .saturating_add(seen)
}

impl Policy {
    /// Minutes that this step takes where data come as they are expected: its bake, or until its checks have measured it
    /// by itself. Where there is one step alone, nothing is measured of it by itself.
    pub fn step_minutes(&self, step: &Step) -> u32 {
        let alone = self.steps().len() < 2;
        let own = self.checks.iter().map(|check| match check {
            _ if alone => 0,
            Check::Metric { metric } | Check::Expression { metric } => {
                measured_minutes(&metric.within(step.bake_minutes))
            }
            Check::Compare { .. } => 1 + 1 + SEEN_MINUTES,
            Check::Alarm { .. } | Check::DlqGrowth { .. } | Check::Health { .. } => 0,
        });
        own.fold(step.bake_minutes, u32::max)
    }

    /// Minutes after which it is known at the latest whether all has baked. Where evidence is missing, the first step may
    /// go on until all bakes and the extension are over, and each after it for as long as it takes, extended anew.
    pub fn baked_within_minutes(&self) -> u32 {
        let steps = self.steps();
        let own = |step| self.step_minutes(step);
        let later = steps.iter().skip(1).map(own).fold(0, u32::saturating_add);
        // Before the first one is passed, each check has measured all that it looks back over since the tasks ran.
        let whole = self.checks.iter().map(|check| match check {
            Check::Metric { metric } | Check::Expression { metric } => measured_minutes(metric),
            _ => 0,
        });
        let first = steps
            .first()
            .map(own)
            .map(|own| whole.fold(own, u32::max))
            .unwrap_or_default();
        let Some(extended) = &self.when_undecided else {
            return first.saturating_add(later);
        };
        let many = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        let extended = extended.extend_minutes_max.saturating_mul(many);
        first
            .max(self.bake_minutes_total())
            .saturating_add(later)
            .saturating_add(extended)
    }
}

#[cfg(test)]
mod tests {
    use crate::Policy;
    use serde_json::{Value, json};

    fn policy(bakes: &[u32], check: Value, extended: Option<u32>) -> Policy {
        let steps = bakes.iter().enumerate();
        let steps = steps.map(|(place, minutes)| json!({"share_permille": 100 + place, "bake_minutes": minutes}));
        let mut frozen = serde_json::to_value(crate::testing::policy()).unwrap();
        frozen["steps"] = steps.collect();
        frozen["checks"] = json!([check]);
        if let Some(minutes) = extended {
            frozen["when_undecided"] = json!({"extend_minutes_max": minutes, "then": "hold"});
        }
        serde_json::from_value(frozen).unwrap()
    }

    #[test]
    fn a_step_takes_its_bake_or_as_long_as_its_own_data_do() {
        let metric = json!({"kind": "metric", "metric": {
            "namespace": "Orders", "name": "Errors", "statistic": "Sum", "period_minutes": 10, "periods": 1, "max": 40,
        }});
        let mut by_aws = metric.clone();
        by_aws["metric"]["namespace"] = json!("AWS/SQS");
        let compare = json!({
            "kind": "compare", "ratio_max": 1.5, "total_min": 500, "window_minutes": 10,
            "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
        });
        let health = json!({"kind": "health", "failed_tasks_max": 1});
        let cases = [
            ("one step alone, once all was measured", vec![1], &metric, None, 22),
            ("a tenth more every minute", vec![1, 1, 1], &metric, None, 22 + 4 + 4),
            ("the same by a service of AWS", vec![1, 1, 1], &by_aws, None, 23 + 5 + 5),
            ("the same by comparison", vec![1, 1, 1], &compare, None, 12),
            ("what measures nothing", vec![1, 1, 1], &health, None, 3),
            ("as long as a period", vec![10, 10], &metric, None, 44),
            ("longer than that takes", vec![30, 30], &metric, None, 60),
            ("one step alone, extended", vec![30], &metric, Some(7), 30 + 7),
            (
                "the first one goes on into the bake of the second",
                vec![30, 20],
                &metric,
                Some(7),
                (50 + 7) + (22 + 7),
            ),
            (
                "each waits for its own data, and is extended",
                vec![1, 1, 1],
                &compare,
                Some(60),
                3 * (4 + 60),
            ),
            ("extended by nothing", vec![1, 1, 1], &health, Some(0), 3 + 2),
        ];
        for (name, bakes, check, extended, expected) in cases {
            let policy = policy(&bakes, check.clone(), extended);
            assert_eq!(policy.baked_within_minutes(), expected, "{name}");
        }
    }
}
