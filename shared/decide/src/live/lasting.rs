//! Do the steps bake for as long as the checks measure?

use super::{Findings, Weight};
use crate::Policy;
use crate::policy::Check;

/// What is measured over a longer time than a step bakes is measured of it over a shorter one.
pub(super) fn judge(policy: &Policy, findings: &mut Findings) {
    let steps = policy.steps_written();
    if steps.len() < 2 {
        return;
    }
    let linear = policy.linear.is_some();
    // All of these bake alike.
    let said = if linear { &steps[..1] } else { &steps[..] };
    for (index, step) in said.iter().enumerate() {
        let field = match linear {
            true => "linear.every_minutes".to_owned(),
            false => format!("steps[{index}].bake_minutes"),
        };
        for (place, check) in policy.checks.iter().enumerate() {
            let (Check::Metric { metric } | Check::Expression { metric }) = check else {
                continue;
            };
            let own = metric.within(step.bake_minutes);
            if own == *metric {
                continue;
            }
            let text = format!(
                "is {}, and checks[{place}] measures {} min: such a step is passed on {} min of its own, and takes up to \
                 {} min; what fails the release is all {} min, of whichever steps",
                step.bake_minutes,
                metric.minutes(),
                own.minutes(),
                policy.step_minutes(step),
                metric.minutes(),
            );
            findings.add(Weight::Warning, field.clone(), text);
        }
    }
}
