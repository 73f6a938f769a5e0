//! Time series and what metric math does to them.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

use std::collections::{BTreeMap, BTreeSet};

/// Values by the start of their period (milliseconds), and the periods that could have had one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Series {
    pub(super) label: String,
    pub(super) period_seconds: i64,
    pub(super) slots: BTreeSet<i64>,
    pub(super) points: BTreeMap<i64, f64>,
}

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Number(f64),
    Series(Series),
    Many(Vec<Series>),
}

impl Series {
    fn with(&self, points: BTreeMap<i64, f64>) -> Series {
        Series { points, ..self.clone() }
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Series {
        let points = self.points.iter().map(|(at, v)| (*at, f(*v)));
        self.with(points.filter(|(_, v)| v.is_finite()).collect())
    }

    /// Both have a say wherever one has a value; "missing values in a time series are treated as 0", and what
    /// would divide by zero is dropped.
    fn join(&self, other: &Series, f: impl Fn(f64, f64) -> f64) -> Series {
        let moments: BTreeSet<i64> = self.points.keys().chain(other.points.keys()).copied().collect();
        let value = |series: &Series, at: i64| series.points.get(&at).copied().unwrap_or(0.0);
        let points = moments.into_iter().map(|at| (at, f(value(self, at), value(other, at))));
        Series {
            label: self.label.clone(),
            period_seconds: self.period_seconds.max(other.period_seconds),
            slots: self.slots.union(&other.slots).copied().collect(),
            points: points.filter(|(_, v)| v.is_finite()).collect(),
        }
    }

    /// `FILL(m, number)`.
    pub(super) fn fill(&self, value: f64) -> Series {
        let filled = self
            .slots
            .iter()
            .map(|at| (*at, self.points.get(at).copied().unwrap_or(value)));
        self.with(filled.collect())
    }

    /// `FILL(m, REPEAT)`: the newest value before the gap; nothing before the first.
    pub(super) fn fill_repeat(&self) -> Series {
        let mut last = None;
        let mut points = BTreeMap::new();
        for at in &self.slots {
            last = self.points.get(at).copied().or(last);
            points.extend(last.map(|v| (*at, v)));
        }
        self.with(points)
    }

    /// Neighbouring points, each with the time between them in seconds (`DIFF`, `RATE`).
    pub(super) fn differences(&self, f: impl Fn(f64, f64) -> f64) -> Series {
        let pairs = self.points.iter().zip(self.points.iter().skip(1));
        let points = pairs.map(|((t0, v0), (t1, v1))| (*t1, f(v1 - v0, (t1 - t0) as f64 / 1000.0)));
        self.with(points.collect())
    }

    /// `RUNNING_SUM`.
    pub(super) fn running_sum(&self) -> Series {
        let mut sum = 0.0;
        let points = self.points.iter().map(|(at, v)| {
            sum += v;
            (*at, sum)
        });
        self.with(points.collect())
    }

    fn truth(&self) -> BTreeMap<i64, bool> {
        self.points.iter().map(|(at, v)| (*at, *v != 0.0)).collect()
    }
}

impl Data {
    /// Applies to every value.
    pub(super) fn map(&self, f: impl Fn(f64) -> f64 + Copy) -> Data {
        match self {
            Data::Number(n) => Data::Number(f(*n)),
            _ => self.each(|s| s.map(f)),
        }
    }

    /// Applies to every series; numbers stay as they are.
    pub(super) fn each(&self, f: impl Fn(&Series) -> Series) -> Data {
        match self {
            Data::Number(n) => Data::Number(*n),
            Data::Series(s) => Data::Series(f(s)),
            Data::Many(all) => Data::Many(all.iter().map(f).collect()),
        }
    }

    /// An operator between any two kinds.
    pub(super) fn combine(&self, other: &Data, f: impl Fn(f64, f64) -> f64 + Copy) -> Result<Data, String> {
        Ok(match (self, other) {
            (Data::Number(a), Data::Number(b)) => Data::Number(f(*a, *b)),
            (a, Data::Number(b)) => a.map(|v| f(v, *b)),
            (Data::Number(a), b) => b.map(|v| f(*a, v)),
            (a, Data::Series(b)) => a.each(|s| s.join(b, f)),
            (Data::Series(a), b) => b.each(|s| a.join(s, f)),
            (Data::Many(_), Data::Many(_)) => return Err("an operator cannot stand between two arrays".to_owned()),
        })
    }

    /// `SUM`, `AVG`, `MIN`, `MAX`: of one series a number, of many one series.
    pub(super) fn aggregate(&self, f: impl Fn(&[f64], usize) -> f64) -> Data {
        match self {
            Data::Number(n) => Data::Number(f(&[*n], 1)),
            Data::Series(s) => {
                let values: Vec<f64> = s.points.values().copied().collect();
                Data::Number(f(&values, values.len()))
            }
            Data::Many(all) => {
                let mut by_moment: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
                for (at, value) in all.iter().flat_map(|s| &s.points) {
                    by_moment.entry(*at).or_default().push(*value);
                }
                let points = by_moment.into_iter().map(|(at, values)| (at, f(&values, all.len())));
                Data::Series(Series {
                    label: String::new(),
                    period_seconds: all.iter().map(|s| s.period_seconds).max().unwrap_or(60),
                    slots: all.iter().flat_map(|s| s.slots.iter().copied()).collect(),
                    points: points.collect(),
                })
            }
        }
    }
}

/// `IF(condition, yes, no)`; a missing `no` drops the point, a missing value of `yes` is 0.
pub(super) fn choose(condition: &Data, yes: &Data, no: Option<&Data>) -> Result<Data, String> {
    let condition = match condition {
        Data::Number(n) if *n != 0.0 => return Ok(yes.clone()),
        Data::Number(_) => {
            let nothing = || yes.each(|s| s.with(BTreeMap::new()));
            return Ok(no.cloned().unwrap_or_else(nothing));
        }
        Data::Series(series) => series,
        Data::Many(_) => return Err("the condition of IF must be one time series or a number".to_owned()),
    };
    let value = |data: &Data, at: i64| match data {
        Data::Number(n) => Ok(Some(*n)),
        Data::Series(s) => Ok(s.points.get(&at).copied()),
        Data::Many(_) => Err("IF chooses between single time series and numbers".to_owned()),
    };
    let mut points = BTreeMap::new();
    for (at, holds) in condition.truth() {
        let chosen = match (holds, no) {
            (true, _) => Some(value(yes, at)?.unwrap_or(0.0)),
            (false, Some(no)) => value(no, at)?,
            (false, None) => None,
        };
        points.extend(chosen.map(|v| (at, v)));
    }
    Ok(Data::Series(condition.with(points)))
}
