//! Statistics over the samples of one period.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>

use super::metrics::Sample;

/// How one number is made of a period's samples.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p99`, `p99.9`: 0 to 100.
    Percentile(f64),
    /// `TM`, `TC`, `TS`, `WM`, `PR` between two bounds.
    Within(Trim, Bounds),
}

/// What is made of the samples within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trim {
    Mean,
    Count,
    Sum,
    Winsorized,
    Rank,
}

/// Which samples are within bounds: above the lower one, up to and including the upper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bounds {
    /// By rank, 0 to 1.
    Share(f64, f64),
    /// By value.
    Value(f64, f64),
}

impl Statistic {
    /// From `Average`, `p99`, `TM(90%:100%)`, `tm90`, `TC(:0.5)`, `IQM`…
    pub(super) fn parse(text: &str) -> Option<Statistic> {
        match text {
            "SampleCount" => return Some(Statistic::SampleCount),
            "Average" => return Some(Statistic::Average),
            "Sum" => return Some(Statistic::Sum),
            "Minimum" => return Some(Statistic::Minimum),
            "Maximum" => return Some(Statistic::Maximum),
            "IQM" => return Some(Statistic::Within(Trim::Mean, Bounds::Share(0.25, 0.75))),
            _ => {}
        }
        if let Some(rank) = text.strip_prefix('p') {
            return percent(rank).map(|share| Statistic::Percentile(share * 100.0));
        }
        let (name, rest) = text.split_at_checked(2)?;
        let trim = match name.to_ascii_uppercase().as_str() {
            "TM" => Trim::Mean,
            "TC" => Trim::Count,
            "TS" => Trim::Sum,
            "WM" => Trim::Winsorized,
            "PR" => Trim::Rank,
            _ => return None,
        };
        let bounds = match rest.strip_prefix('(') {
            Some(inner) => Bounds::parse(inner.strip_suffix(')')?)?,
            None => Bounds::Share(0.0, percent(rest)?),
        };
        let by_value = matches!(bounds, Bounds::Value(..));
        (trim != Trim::Rank || by_value).then_some(Statistic::Within(trim, bounds))
    }

    /// The number, or none where there is nothing to make it of.
    pub(super) fn of(&self, samples: &[&Sample]) -> Option<f64> {
        let count: f64 = samples.iter().map(|s| s.count).sum();
        if samples.is_empty() || count <= 0.0 {
            return None;
        }
        let sum: f64 = samples.iter().map(|s| s.sum).sum();
        match self {
            Statistic::SampleCount => Some(count),
            Statistic::Sum => Some(sum),
            Statistic::Average => Some(sum / count),
            Statistic::Minimum => samples.iter().map(|s| s.minimum).reduce(f64::min),
            Statistic::Maximum => samples.iter().map(|s| s.maximum).reduce(f64::max),
            Statistic::Percentile(rank) => percentile(&sorted(samples)?, rank / 100.0 * count),
            Statistic::Within(trim, bounds) => within(*trim, *bounds, &sorted(samples)?, count),
        }
    }

    /// Fewer samples than this tell nothing of a percentile (percentiles-with-low-samples).
    pub(super) fn samples_needed(&self) -> Option<f64> {
        match self {
            Statistic::Percentile(rank) if (50.0..100.0).contains(rank) => Some(10.0 / (1.0 - rank / 100.0)),
            Statistic::Percentile(rank) if *rank > 0.0 && *rank < 50.0 => Some(10.0 / (rank / 100.0)),
            _ => None,
        }
    }
}

impl Bounds {
    fn parse(text: &str) -> Option<Bounds> {
        let (low, high) = text.split_once(':')?;
        if low.is_empty() && high.is_empty() {
            return None;
        }
        if low.ends_with('%') || high.ends_with('%') {
            let share = |text: &str, open: f64| match text.strip_suffix('%') {
                Some(number) => percent(number),
                None => text.is_empty().then_some(open),
            };
            let (low, high) = (share(low, 0.0)?, share(high, 1.0)?);
            return (low < high).then_some(Bounds::Share(low, high));
        }
        let value = |text: &str, open: f64| if text.is_empty() { Some(open) } else { text.parse().ok() };
        let (low, high) = (value(low, f64::NEG_INFINITY)?, value(high, f64::INFINITY)?);
        (low < high).then_some(Bounds::Value(low, high))
    }
}

fn percent(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number / 100.0)
}

/// Values with counts, lowest first; none where a statistic set hides them.
fn sorted(samples: &[&Sample]) -> Option<Vec<(f64, f64)>> {
    let mut values = Vec::new();
    for sample in samples {
        values.extend_from_slice(sample.raw.as_ref()?);
    }
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    Some(values)
}

/// Nearest rank. AWS interpolates within buckets of its own; the difference is below what tests may rely on.
fn percentile(values: &[(f64, f64)], rank: f64) -> Option<f64> {
    let mut below = 0.0;
    for (value, count) in values {
        below += count;
        if below >= rank - 1e-9 {
            return Some(*value);
        }
    }
    values.last().map(|(value, _)| *value)
}

fn within(trim: Trim, bounds: Bounds, values: &[(f64, f64)], total: f64) -> Option<f64> {
    let kept: Vec<(f64, f64)> = match bounds {
        Bounds::Value(low, high) => values.iter().filter(|(v, _)| *v > low && *v <= high).copied().collect(),
        Bounds::Share(low, high) => between_ranks(values, low * total, high * total),
    };
    let count: f64 = kept.iter().map(|(_, n)| n).sum();
    let sum: f64 = kept.iter().map(|(v, n)| v * n).sum();
    match trim {
        Trim::Count => Some(count),
        Trim::Sum => Some(sum),
        Trim::Rank => Some(count / total * 100.0),
        Trim::Mean => (count > 0.0).then(|| sum / count),
        Trim::Winsorized => {
            let (low, high) = match bounds {
                Bounds::Value(low, high) => (low, high),
                Bounds::Share(low, high) => (percentile(values, low * total)?, percentile(values, high * total)?),
            };
            Some(values.iter().map(|(v, n)| v.clamp(low, high) * n).sum::<f64>() / total)
        }
    }
}

/// What lies between two ranks, with a value that lies across a rank counted in part.
fn between_ranks(values: &[(f64, f64)], low: f64, high: f64) -> Vec<(f64, f64)> {
    let mut below = 0.0;
    let mut kept = Vec::new();
    for (value, count) in values {
        let inside = (below + count).min(high) - below.max(low);
        if inside > 1e-9 {
            kept.push((*value, inside));
        }
        below += count;
    }
    kept
}
