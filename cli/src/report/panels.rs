//! What is drawn: the canary's share, the queues, and each check's numbers against its bound.

use super::measured::{series, share};
use crate::page::span;
use ::report::{Bound, Panel, Series, Shape, Unit};
use aws::ledger::{Entry, Kind, Reviewed};
use aws::review::{Judged, Queue, Review, Threshold};
use decide::policy::{Bounded, Check};
use decide::{At, Part, Phase, SharesBy, short};

/// Decimal places of a share in thousandths, as per cent.
const PERMILLE: f64 = 10.0;

/// All charts; and checks that have none, with why.
pub fn all(of: &Reviewed, review: &Review, entries: &[Entry], until: At) -> (Vec<Panel>, Vec<String>) {
    let mut panels = vec![shares(of, review, entries, until)];
    let judged = |queue: &Queue| {
        let depth = |judged: &Judged| judged.depth_of.as_deref() == Some(queue.name.as_str());
        review.checks.values().any(depth)
    };
    // A queue that a check judges is drawn with its bound.
    panels.extend(review.queues.iter().filter(|queue| !judged(queue)).map(depth));
    let mut without = Vec::new();
    for (place, check) in of.policy.checks.iter().enumerate() {
        match review.checks.get(&place) {
            Some(Judged { none: Some(why), .. }) => without.push(format!("{check}: {why}")),
            Some(judged) => panels.push(judged_by(check, judged, of, review)),
            None => without.push(format!("{check}: CloudWatch was not asked")),
        }
    }
    (panels, without)
}

/// The share that was asked for, and the one that was counted.
fn shares(of: &Reviewed, review: &Review, entries: &[Entry], until: At) -> Panel {
    let (asked, mut notes) = asked(of, entries, until);
    let by = decide::can(&of.policy.traffic).by;
    let had = had(by, entries, of.closed.unwrap_or(until));
    let is_told = !had.points.is_empty();
    let mut lines = vec![asked];
    lines.extend(is_told.then_some(had));
    let comparison = of
        .policy
        .checks
        .iter()
        .enumerate()
        .find_map(|(place, check)| match check {
            Check::Compare { metric, .. } => Some((review.checks.get(&place)?, metric)),
            _ => None,
        });
    match (comparison, by) {
        (Some((Judged { lines: counted, .. }, metric)), _) if counted.len() == 4 => {
            let (canary, stable) = (&counted[1].1, &counted[3].1);
            lines.push(share("of the messages", canary, &[canary, stable]));
            notes.push(format!(
                "Of the messages: by {} in {}, which the workers count.",
                metric.total, metric.namespace
            ));
        }
        (_, SharesBy::Weights) => {
            if let Some([canary, stable]) = &review.requests {
                lines.push(share("of the requests", canary, &[canary, stable]));
                notes.extend(why_not([canary, stable]));
            }
            notes.push("Of the requests: by RequestCount of both target groups.".to_owned());
        }
        (_, SharesBy::Tasks) => {
            let why =
                "How many messages each side handled is not known: no compare check says which metric counts them.";
            notes.push(why.to_owned());
        }
    }
    if !is_told {
        notes.push("What share the canary had is not written down: no look told it.".to_owned());
    }
    Panel {
        title: "The canary's share of the work".to_owned(),
        unit: Unit::Percent,
        series: lines,
        notes,
        ..Panel::default()
    }
}

/// What the canary was seen to have, look by look.
fn had(by: SharesBy, entries: &[Entry], until: At) -> Series {
    let seen = entries.iter().filter_map(|entry| {
        let share = f64::from(entry.share_permille?) / PERMILLE;
        Some([(entry.at.millis(), Some(share)), (entry.last.millis(), Some(share))])
    });
    let mut points: Vec<(i64, Option<f64>)> = seen.flatten().collect();
    points.sort_by_key(|(at, _)| *at);
    if !points.is_empty() {
        points.push((until.millis(), None));
    }
    Series {
        name: match by {
            SharesBy::Tasks => "of the tasks".to_owned(),
            SharesBy::Weights => "of the weights".to_owned(),
        },
        shape: Shape::Held,
        points,
    }
}

/// What the policy's steps ask for, by what the journal tells of steps.
fn asked(of: &Reviewed, entries: &[Entry], until: At) -> (Series, Vec<String>) {
    let steps = of.policy.steps();
    let mut notes = Vec::new();
    if steps.iter().all(|step| step.share_permille.is_none()) {
        notes.push("The policy asks for no share: the canary has what its own size gives it.".to_owned());
    }
    if of.policy.dry_run {
        notes.push("In a dry run nobody gives the canary the share that a step asks for.".to_owned());
    }
    let share = |step: usize| Some(f64::from(steps.get(step)?.share_permille?) / PERMILLE);
    let mut points = Vec::new();
    let mut is_untold = false;
    // Whoever answers for what is left of the bake does so with the share of the step that it came to.
    let mut last = steps.len().checked_sub(1);
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Decided) {
        let is = |phase: Phase| phase.name() == entry.phase;
        let step = if is(Phase::Baking { step: 0 }) {
            // Written by a Serin that told no steps, it can only be the one there is.
            let step = entry.step.or((steps.len() == 1).then_some(0));
            is_untold |= step.is_none();
            let step = step.and_then(|step| usize::try_from(step).ok());
            last = step.or(last);
            step
        } else if is(Phase::Gated { why: String::new() }) || is(Phase::Promoting) {
            last
        } else {
            None
        };
        points.push((entry.at.millis(), step.and_then(share)));
    }
    points.push((of.closed.unwrap_or(until).millis(), None));
    if is_untold {
        notes.push("The journal of this release does not tell its steps: an earlier Serin wrote it.".to_owned());
    }
    let series = Series {
        name: "asked".to_owned(),
        shape: Shape::Held,
        points,
    };
    (series, notes)
}

fn depth(queue: &Queue) -> Panel {
    let kind = if queue.is_for_dead {
        "dead-letter queue"
    } else {
        "queue"
    };
    let lines = [("waiting", &queue.visible), ("received, not deleted", &queue.in_flight)];
    Panel {
        title: format!("Messages in the {kind} {}", queue.name),
        series: lines.map(|(name, line)| series(name, line)).into(),
        notes: why_not(lines.map(|(_, line)| line)),
        ..Panel::default()
    }
}

/// Why there are no numbers.
fn why_not<'a>(lines: impl IntoIterator<Item = &'a Part<aws::review::Line>>) -> Vec<String> {
    let mut notes: Vec<String> = lines
        .into_iter()
        .filter_map(|line| line.unknown().map(str::to_owned))
        .collect();
    notes.dedup();
    notes
}

fn judged_by(check: &Check, judged: &Judged, of: &Reviewed, review: &Review) -> Panel {
    let all = |unit, title: String| Panel {
        title,
        unit,
        series: judged.lines.iter().map(|(name, line)| series(name, line)).collect(),
        bounds: Vec::new(),
        notes: why_not(judged.lines.iter().map(|(_, line)| line)),
    };
    match check {
        Check::Alarm { name, .. } => {
            let mut panel = all(Unit::Number, format!("Check: alarm {name}"));
            if let Some(threshold) = judged.alarm.as_ref().filter(|_| can_be_compared(judged, &mut panel)) {
                panel.bounds.push(ringing(threshold));
                panel
                    .notes
                    .push("The threshold is the alarm's as it stands today.".to_owned());
            }
            panel
        }
        Check::Metric { metric } | Check::Expression { metric } => {
            // The line's own name tells the revision that the policy leaves open.
            let name = judged
                .lines
                .first()
                .map_or_else(|| metric.to_string(), |(name, _)| name.clone());
            let mut panel = all(Unit::Number, format!("Check: {name}"));
            if can_be_compared(judged, &mut panel) {
                panel.bounds.push(above(metric));
            }
            panel
        }
        Check::DlqGrowth { queue, messages_max } => grown(queue, *messages_max, of, review),
        Check::Compare {
            ratio_max,
            total_min,
            window_minutes,
            metric,
        } => {
            let mut panel = all(Unit::Percent, format!("Check: share that failed, {metric}"));
            let failed = |failed: usize| {
                let [part, all] = [failed, failed + 1].map(|place| judged.lines.get(place));
                let (part, all) = (part?, all?);
                let side = part.0.rsplit(' ').next().unwrap_or_default();
                Some(share(side, &part.1, &[&all.1]))
            };
            panel.series = [failed(0), failed(2)].into_iter().flatten().collect();
            panel.notes.insert(
                0,
                format!(
                    "It fails where the first fails more than {ratio_max} times as often as the second and more than by \
                     chance, over {window_minutes} minutes with {total_min} messages on each side; so its bound moves, and \
                     the decision tells it."
                ),
            );
            panel
        }
        Check::Health { .. } => all(Unit::Number, format!("Check: {check}")),
    }
}

/// Whether the bound of what is judged may stand beside what was read; says what is to be known of longer periods.
fn can_be_compared(judged: &Judged, panel: &mut Panel) -> bool {
    let Some(longer) = judged.longer else { return true };
    let (own, every) = (period(longer.own_seconds), period(longer.every_seconds));
    panel.notes.push(match longer.can_be_compared {
        true => format!("Each point stands for {every}; sums are told as the mean of {own}, which is what is judged."),
        false => format!("Each point stands for {every}. What is judged are periods of {own}: its bound is not drawn."),
    });
    longer.can_be_compared
}

/// Where an alarm goes to ALARM.
fn ringing(threshold: &Threshold) -> Bound {
    let is_floor = threshold.comparison.starts_with("LessThan");
    let than = match threshold.comparison.as_str() {
        "GreaterThanThreshold" => "above",
        "GreaterThanOrEqualToThreshold" => "from",
        "LessThanThreshold" => "below",
        "LessThanOrEqualToThreshold" => "down from",
        other => other,
    };
    let Threshold {
        value,
        periods,
        periods_to_alarm,
        period_seconds,
        ..
    } = threshold;
    Bound {
        value: *value,
        label: format!(
            "ALARM {than} {value}, in {periods_to_alarm} of {periods} × {}",
            period(*period_seconds)
        ),
        is_floor,
    }
}

fn period(seconds: u32) -> String {
    match seconds % 60 {
        0 => format!("{} min", seconds / 60),
        _ => span(i64::from(seconds)),
    }
}

fn above(metric: &Bounded) -> Bound {
    Bound {
        value: metric.max.number(),
        label: format!(
            "fails above {}, in {} of {} × {} min",
            metric.max, metric.periods, metric.periods, metric.period_minutes
        ),
        is_floor: false,
    }
}

/// A dead-letter queue's depth; what it may gain is counted from what was in it when the canary changed.
fn grown(queue: &str, messages_max: u32, of: &Reviewed, review: &Review) -> Panel {
    let found = review.queues.iter().find(|found| found.name == queue);
    let unknown = Part::Unknown(format!("{queue} was not asked for"));
    let line = found.map_or(&unknown, |found| &found.visible);
    let mut panel = Panel {
        title: format!("Check: growth of {queue}"),
        series: vec![series(&format!("messages in {queue}"), line)],
        notes: why_not([line]),
        ..Panel::default()
    };
    let given = of.release.canary.given.as_ref();
    let before = given.and_then(|given| {
        let points = line.known()?.points.iter();
        points
            .take_while(|(at, _)| *at <= given.created)
            .last()
            .map(|(_, value)| *value)
    });
    match (before, given) {
        (Some(before), Some(given)) => {
            panel.bounds.push(Bound {
                value: before + f64::from(messages_max),
                label: format!(
                    "fails above {messages_max} gained since {}",
                    short(&given.task_definition)
                ),
                is_floor: false,
            });
            panel.notes.push(
                "What the queue gains is counted between looks, so messages that were taken out meanwhile still count."
                    .to_owned(),
            );
        }
        _ => panel.notes.push(format!(
            "It fails above {messages_max} messages gained; how many it held when the canary changed is not known."
        )),
    }
    panel
}
