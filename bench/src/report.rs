//! Medians, ratios and goals, as Markdown.

use crate::measure::{Event, Restore, Run};
use crate::subject::Subject;
use std::fmt::Write;
use std::time::Duration;

/// Everything measured of one function.
pub struct Column {
    /// Which function.
    pub subject: Subject,
    /// Its runs.
    pub runs: Vec<Run>,
    /// Deflated size of what is uploaded.
    pub zip_bytes: u64,
}

impl Column {
    fn over_runs(&self, number: impl Fn(&Run) -> Option<f64>) -> Option<Spread> {
        Spread::of(self.runs.iter().filter_map(number).collect())
    }

    fn over_warm(&self, number: impl Fn(&Event) -> Option<f64>) -> Option<Spread> {
        Spread::of(self.runs.iter().flat_map(|run| &run.warm).filter_map(number).collect())
    }

    fn start(&self) -> Option<Spread> {
        self.over_runs(|run| Some(millis(run.start)))
    }

    fn start_to_restored(&self) -> Option<Spread> {
        self.over_runs(|run| Some(millis(run.start + run.cold.restore.as_ref()?.done)))
    }

    fn warm_to_restored(&self) -> Option<Spread> {
        self.over_warm(|event| Some(millis(event.restore.as_ref()?.done)))
    }

    fn peak_mb(&self) -> Option<Spread> {
        self.over_runs(|run| Some(run.peak_kib as f64 * 1024.0 / 1e6))
    }

    /// Every event, the cold ones too.
    fn events(&self) -> impl Iterator<Item = &Event> {
        self.runs
            .iter()
            .flat_map(|run| std::iter::once(&run.cold).chain(&run.warm))
    }

    /// The worst of all events: what is promised holds for each of them.
    fn worst(&self, count: impl Fn(&Restore) -> usize) -> Option<usize> {
        self.events()
            .filter_map(|event| event.restore.as_ref())
            .map(count)
            .max()
    }
}

/// Median, with the tenth and the ninetieth percentile.
#[derive(Clone, Copy)]
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Option<Spread> {
        numbers.sort_by(f64::total_cmp);
        let at = |share: f64| {
            numbers
                .get(((numbers.len() as f64 - 1.0) * share).round() as usize)
                .copied()
        };
        Some(Spread {
            low: at(0.1)?,
            median: at(0.5)?,
            high: at(0.9)?,
        })
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The report of one way of reaching AWS.
pub fn markdown(title: &str, columns: &[Column], runs: usize, warm: usize) -> String {
    let mut text = format!(
        "### {title}\n\nMedians of {runs} processes each, taking turns; in brackets the 10th and 90th percentile. One \
         cold and {warm} warm events per process. Simulated AWS on this machine: {} ms a call to ECS, CodePipeline and \
         CloudWatch, {} ms to the ledger. After each event the world was asked: the approval failed, and the canary runs its \
         baseline (with Python what the main service runs, as that function is written).\n\n",
        crate::cloud::SLOW.as_millis(),
        crate::cloud::LEDGER.as_millis(),
    );
    measured(&mut text, columns);
    text.push('\n');
    goals(&mut text, columns);
    text.push('\n');
    text
}

fn measured(text: &mut String, columns: &[Column]) {
    let spread = |get: &dyn Fn(&Column) -> Option<Spread>| -> Vec<String> {
        let cell = |s: Spread| format!("{:.1} ({:.1}–{:.1})", s.median, s.low, s.high);
        columns.iter().map(|c| get(c).map_or("–".to_owned(), cell)).collect()
    };
    let count = |get: &dyn Fn(&Column) -> Option<usize>| -> Vec<String> {
        columns
            .iter()
            .map(|c| get(c).map_or("–".to_owned(), |n| n.to_string()))
            .collect()
    };
    let names: Vec<String> = columns.iter().map(|c| c.subject.name().to_owned()).collect();
    row(text, "", &names);
    let _ = writeln!(text, "|---|{}", "---:|".repeat(columns.len()));
    row(text, "process start → first `/next`, ms", &spread(&Column::start));
    row(
        text,
        "start + first event → services given their baseline, ms",
        &spread(&Column::start_to_restored),
    );
    row(
        text,
        "first event → `UpdateService` received, ms",
        &spread(&|c| c.over_runs(|run| Some(millis(run.cold.restore.as_ref()?.asked)))),
    );
    row(
        text,
        "first event → answered, ms",
        &spread(&|c| c.over_runs(|run| Some(millis(run.cold.answered)))),
    );
    row(
        text,
        "later event → services given their baseline, ms",
        &spread(&Column::warm_to_restored),
    );
    row(
        text,
        "later event → `UpdateService` received, ms",
        &spread(&|c| c.over_warm(|event| Some(millis(event.restore.as_ref()?.asked)))),
    );
    row(
        text,
        "later event → answered, ms",
        &spread(&|c| c.over_warm(|event| Some(millis(event.answered)))),
    );
    row(
        text,
        "slow calls in sequence until the execution cannot promote",
        &count(&|c| c.worst(|r| r.slow_until_held)),
    );
    row(
        text,
        "slow calls in sequence until the services are given their baseline",
        &count(&|c| c.worst(|r| r.slow_in_sequence)),
    );
    row(
        text,
        "ledger calls in sequence before the first ECS write, with nothing slow beside them",
        &count(&|c| c.worst(|r| r.ledger_before)),
    );
    row(
        text,
        "calls per event, at most",
        &count(&|c| c.events().map(|event| event.calls).max()),
    );
    row(
        text,
        "calls that AWS refused, of all events",
        &count(&|c| Some(c.events().map(|event| event.refused).sum())),
    );
    row(text, "peak memory (VmHWM), MB", &spread(&Column::peak_mb));
    row(
        text,
        "zip, MB (Python: without boto3, which Lambda brings)",
        &zips(columns),
    );
}

fn zips(columns: &[Column]) -> Vec<String> {
    columns
        .iter()
        .map(|c| format!("{:.2}", c.zip_bytes as f64 / 1e6))
        .collect()
}

fn row(text: &mut String, head: &str, cells: &[String]) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "| {head} | {} |", cells.join(" | "));
}

/// Which way a goal bounds its number.
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    fn is_met(&self, number: f64) -> bool {
        match self {
            Bound::AtMost(most) => number <= *most,
            Bound::AtLeast(least) => number >= *least,
        }
    }
}

fn goals(text: &mut String, columns: &[Column]) {
    let of = |subject| columns.iter().find(|column| column.subject == subject);
    let (ours, empty, python) = (of(Subject::Rollback), of(Subject::Empty), of(Subject::Python));
    let median = |column: Option<&Column>, get: fn(&Column) -> Option<Spread>| Some(get(column?)?.median);
    let ratio = |above: Option<f64>, below: Option<f64>| Some(above? / below?);
    let count = |get: fn(&Restore) -> usize| ours.and_then(|c| c.worst(get)).map(|n| n as f64);
    let lines: [(&str, Option<f64>, Bound, &str); 9] = [
        (
            "start ≤ 1.5 × an empty Rust function",
            ratio(median(ours, Column::start), median(empty, Column::start)),
            Bound::AtMost(1.5),
            "×",
        ),
        (
            "start ≥ 50 × faster than Python + boto3",
            ratio(median(python, Column::start), median(ours, Column::start)),
            Bound::AtLeast(50.0),
            "×",
        ),
        (
            "start + first event → services given their baseline ≥ 6 × faster than Python",
            ratio(
                median(python, Column::start_to_restored),
                median(ours, Column::start_to_restored),
            ),
            Bound::AtLeast(6.0),
            "×",
        ),
        (
            "later event → services given their baseline ≥ 2.5 × faster than Python",
            ratio(
                median(python, Column::warm_to_restored),
                median(ours, Column::warm_to_restored),
            ),
            Bound::AtLeast(2.5),
            "×",
        ),
        (
            "slow calls in sequence until the execution cannot promote ≤ 1 (approval, token stored)",
            count(|restore| restore.slow_until_held),
            Bound::AtMost(1.0),
            "",
        ),
        (
            "slow calls in sequence until the services are given their baseline ≤ 2",
            count(|restore| restore.slow_in_sequence),
            Bound::AtMost(2.0),
            "",
        ),
        (
            "ledger calls in sequence before the first ECS write, with nothing slow beside them ≤ 2",
            count(|restore| restore.ledger_before),
            Bound::AtMost(2.0),
            "",
        ),
        (
            "peak memory ≤ 12 MB",
            median(ours, Column::peak_mb),
            Bound::AtMost(12.0),
            "MB",
        ),
        (
            "zip ≤ 4 MB",
            ours.map(|c| c.zip_bytes as f64 / 1e6),
            Bound::AtMost(4.0),
            "MB",
        ),
    ];
    row(text, "goal", &["measured".to_owned(), "".to_owned()]);
    let _ = writeln!(text, "|---|---:|---|");
    for (goal, number, bound, unit) in lines {
        let verdict = match number {
            Some(number) if bound.is_met(number) => "met",
            Some(_) => "**missed**",
            None => "not measured",
        };
        let shown = match (number, unit) {
            (Some(number), "") => format!("{number:.0}"),
            (Some(number), unit) => format!("{number:.2} {unit}"),
            (None, _) => "–".to_owned(),
        };
        row(text, goal, &[shown, verdict.to_owned()]);
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, markdown};
    use crate::measure::{Event, Restore, Run};
    use crate::subject::Subject;
    use std::time::Duration;

    fn column(subject: Subject, start_millis: u64, done_millis: Option<u64>, deep: usize) -> Column {
        let event = Event {
            answered: Duration::from_millis(done_millis.unwrap_or(1)),
            restore: done_millis.map(|done| Restore {
                asked: Duration::from_millis(done - 50),
                done: Duration::from_millis(done),
                slow_in_sequence: deep,
                slow_until_held: deep,
                ledger_before: 2,
            }),
            calls: deep,
            refused: 0,
        };
        let run = Run {
            start: Duration::from_millis(start_millis),
            cold: event.clone(),
            warm: vec![event],
            peak_kib: 8 * 1024,
        };
        Column {
            subject,
            runs: vec![run],
            zip_bytes: 2_600_000,
        }
    }

    fn verdict(text: &str, goal: &str) -> String {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("| {goal}")))
            .unwrap_or_default();
        line.rsplit('|').nth(1).unwrap_or_default().trim().to_owned()
    }

    #[test]
    fn goals_are_judged_by_what_was_measured() {
        let good = [
            column(Subject::Rollback, 4, Some(110), 2),
            column(Subject::Empty, 3, None, 0),
            column(Subject::Python, 366, Some(406), 5),
        ];
        let text = markdown("", &good, 1, 1);
        assert_eq!(verdict(&text, "start ≤ 1.5"), "met", "{text}");
        assert_eq!(verdict(&text, "start ≥ 50"), "met", "{text}");
        assert_eq!(
            verdict(&text, "start + first event → services given their baseline ≥ 6"),
            "met",
            "{text}"
        );
        assert_eq!(
            verdict(&text, "later event → services given their baseline ≥ 2.5"),
            "met",
            "{text}"
        );
        assert_eq!(verdict(&text, "zip ≤ 4 MB"), "met", "{text}");
        let held = "slow calls in sequence until the execution cannot promote ≤ 1";
        assert_eq!(verdict(&text, held), "**missed**", "{text}");
        let stored = [column(Subject::Rollback, 4, Some(110), 1)];
        let text = markdown("", &stored, 1, 1);
        assert_eq!(verdict(&text, held), "met", "{text}");
    }

    #[test]
    fn a_missed_goal_is_said_and_one_not_measured_too() {
        let slow = [
            column(Subject::Rollback, 40, Some(300), 3),
            column(Subject::Python, 366, Some(406), 5),
        ];
        let text = markdown("", &slow, 1, 1);
        assert_eq!(verdict(&text, "start ≤ 1.5"), "not measured", "{text}");
        assert_eq!(verdict(&text, "start ≥ 50"), "**missed**", "{text}");
        assert_eq!(
            verdict(
                &text,
                "slow calls in sequence until the services are given their baseline ≤"
            ),
            "**missed**",
            "{text}"
        );
        assert_eq!(
            verdict(&text, "later event → services given their baseline ≥ 2.5"),
            "**missed**",
            "{text}"
        );
    }
}
