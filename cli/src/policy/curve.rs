//! The shares that a policy asks for over time, drawn in plain text.

use crate::page::under;
use decide::Policy;
use decide::planned::{By, Span, What, planned};
use decide::policy::{Approver, Promotion, Retire};

/// Columns before the curve, and of its bars.
const INDENT: usize = 5;
const BAR: usize = 20;
/// Steps that are drawn at the beginning and at the end of many.
const FIRST: usize = 8;
const LAST: usize = 3;

/// The curve, line by line.
pub fn drawn(policy: &Policy) -> String {
    let spans = planned(policy);
    let (steps, watch) = spans.split_at(spans.len().saturating_sub(1));
    let mut text = head("planned, from when all of the canary's tasks run the revision:");
    let left_out = steps.len().checked_sub(FIRST + LAST).filter(|left_out| *left_out > 1);
    for (place, span) in steps.iter().enumerate() {
        match left_out {
            Some(left_out) if place == FIRST => text += &format!("       ... {left_out} more steps like these\n"),
            Some(left_out) if (FIRST..FIRST + left_out).contains(&place) => {}
            _ => text += &row(span),
        }
    }
    text += &head(&format!("then {}, {}", approved(policy), promoted(policy)));
    text += &watch.iter().map(row).collect::<String>();
    if let Some(retire) = policy.retire {
        text += &head(&format!("then {}", retired(retire)));
    }
    let minutes: u32 = spans.iter().map(|span| span.minutes).sum();
    text + &head(&format!(
        "{} at least, beside what the deployments take and anybody is waited for",
        lasting(minutes)
    ))
}

fn head(text: &str) -> String {
    under(&" ".repeat(INDENT), INDENT, text)
}

/// `   5-15 min  ##########             50 %  step 2 of 2: weights 500 to 500`.
fn row(span: &Span) -> String {
    let until = span.from_minutes.saturating_add(span.minutes);
    let bar = "#".repeat(bar(span.share_permille));
    let share = span.share_permille.map_or("-".to_owned(), percent);
    let what = match span.what {
        What::Bakes { step, of } => format!("step {step} of {of}"),
        What::Watch => "watch".to_owned(),
    };
    let line = format!(
        "{:>12} min  {bar:<BAR$} {share:>6}  {what}: {}",
        format!("{}-{until}", span.from_minutes),
        achieved(span)
    );
    format!("{}\n", line.trim_end())
}

/// As many as come nearest, and one at least where there is any share.
fn bar(share_permille: Option<u32>) -> usize {
    let share = share_permille.unwrap_or_default() as usize;
    let nearest = (share * BAR + 500) / 1_000;
    nearest.max(usize::from(share > 0))
}

fn percent(permille: u32) -> String {
    match permille % 10 {
        0 => format!("{} %", permille / 10),
        tenths => format!("{}.{tenths} %", permille / 10),
    }
}

fn achieved(span: &Span) -> String {
    match (span.by, span.what) {
        (By::Weights(weights), _) => format!("weights {weights}"),
        (By::Tasks { canary, stable }, _) => format!("tasks {canary} beside {stable}"),
        (By::Nothing, What::Watch) => "as it was before".to_owned(),
        (By::Nothing, What::Bakes { .. }) => "as it is".to_owned(),
    }
}

fn approved(policy: &Policy) -> &'static str {
    match policy.approval {
        Approver::Pipeline => "whoever answers the pipeline's approval lets it go on",
        Approver::Automatic => "Serin lets it go on",
        Approver::Human => "a person is told, and lets it go on",
    }
}

fn promoted(policy: &Policy) -> &'static str {
    match policy.promotion {
        Promotion::RollStable => "and gives stable the revision",
        Promotion::Swap => "and the canary carries everything",
        _ => "and the pipeline gives stable the revision",
    }
}

fn retired(retire: Retire) -> &'static str {
    match retire {
        Retire::ScaleToZero => "the old side is given no tasks",
        Retire::Keep => "the old side keeps its tasks",
    }
}

fn lasting(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::drawn;
    use decide::Policy;
    use expect_test::expect_file;

    fn example(name: &str) -> Policy {
        let file = format!("{}/../policy/examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        Policy::read(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    }

    #[test]
    fn the_curve_of_every_example_is_what_is_written_down_and_fits_a_terminal() {
        let mut many = serde_json::to_value(example("balanced")).expect("a document");
        many["linear"] = serde_json::json!({"step_permille": 10, "every_minutes": 1, "until_permille": 1000});
        let many: Policy = serde_json::from_value(many).expect("a policy");
        let examples = [
            "asked",
            "balanced",
            "compared",
            "minimal",
            "queue-worker",
            "strict",
            "swapped",
        ]
        .map(|name| (name, example(name)));
        let mut pages = String::new();
        for (name, policy) in examples.into_iter().chain([("a hundred steps", many)]) {
            let drawn = drawn(&policy);
            for line in drawn.lines() {
                assert!(line.chars().count() <= 80, "{name}: {line}");
                assert_eq!(line, line.trim_end());
            }
            pages += &format!("{name}\n{drawn}\n");
        }
        expect_file!["../../golden/curves.txt"].assert_eq(&pages);
    }
}
