//! Which error is met by which retrier or catcher, and how long a retrier waits.
//!
//! Developer guide, "Handling errors in Step Functions workflows".

use super::definition::Retrier;
use super::failure::{RUNTIME, TIMEOUT};

/// Whether one of the names means this error.
///
/// `States.Runtime` is met by nobody, `States.TaskFailed` means all but a time-out.
pub(super) fn is_met(names: &[String], error: &str) -> bool {
    error != RUNTIME
        && names.iter().any(|name| match name.as_str() {
            "States.ALL" => true,
            "States.TaskFailed" => error != TIMEOUT,
            name => name == error,
        })
}

/// Milliseconds until the next attempt, counted in `tries`; none where the error is nobody's or attempts are used up.
///
/// Only the first retrier that means the error counts, also when its attempts are used up.
pub(super) fn delay_millis(
    retriers: &[Retrier],
    tries: &mut Vec<u64>,
    error: &str,
    rng: &mut fastrand::Rng,
) -> Option<i64> {
    tries.resize(retriers.len(), 0);
    let found = retriers.iter().position(|retrier| is_met(&retrier.errors, error))?;
    let (retrier, made) = (&retriers[found], &mut tries[found]);
    if *made >= retrier.max_attempts {
        return None;
    }
    let growth = retrier.backoff_rate.powf(*made as f64);
    *made += 1;
    let grown = retrier.interval_seconds * growth;
    let seconds = grown.min(retrier.max_delay_seconds.unwrap_or(f64::MAX));
    let share = if retrier.is_jittered { rng.f64() } else { 1.0 };
    Some((seconds * share * 1000.0).round() as i64)
}
