//! From one state to another, and all that follows from it.

use super::alarm::{Alarm, State, StateValue, Watches};
use super::judge::{self, Point, Slot, Verdict};
use super::query::{Query, Source};
use super::scope::Scope;
use super::statistic::Statistic;
use super::{composite, history, invalid, notice, reason, suppression};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A state to be entered.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: StateValue,
    pub(super) reason: String,
    pub(super) reason_data: Option<String>,
}

/// Puts an alarm into another state: history, event, actions, then whatever depends on it.
pub(super) fn enter(world: &mut World, name: &str, entry: Entry, path: &mut Vec<String>) {
    let now = world.now;
    let suppressed = suppression::at_transition(world, name);
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    let state = State {
        value: entry.value,
        reason: entry.reason,
        reason_data: entry.reason_data,
        updated: now,
        transitioned: now,
        suppressed,
    };
    alarm.previous = std::mem::replace(&mut alarm.state, state);
    history::state_updated(world, name);
    notice::tell(world, name);
    notice::act(world, name);
    suppression::suppressor_changed(world, name);
    composite::child_changed(world, name, path);
}

/// When an alarm is next evaluated after a moment: every minute, at a second of its own.
///
/// "For any period of one minute or longer, an alarm is evaluated every minute"; "if the alarm period is 10 seconds
/// or 30 seconds, the alarm is evaluated every 10 seconds" (user guide, alarm-evaluation). At which second is not
/// documented; samples show each alarm keeping to one.
pub(super) fn next_evaluation(name: &str, period_seconds: i64, after: At) -> At {
    let interval = if period_seconds < 60 { 10 } else { 60 };
    // FNV-1a: any fixed spread will do, as long as it is the same in every run.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    let offset = (hash >> 32) as i64 % interval;
    let passed = (after.0 - offset * 1000).div_euclid(interval * 1000);
    At(((passed + 1) * interval + offset) * 1000)
}

/// Evaluates a metric alarm now.
pub(super) fn evaluate_metric_alarm(world: &mut World, name: &str) {
    let Some(alarm) = world.cloudwatch.alarms.get(name) else {
        return;
    };
    let Watches::Metric { rule, .. } = &alarm.watches else {
        return;
    };
    let mut entry = None;
    let range = evaluation_range(world, alarm);
    if let Some(range) = range
        && let Verdict::Is(finding) = judge::judge(rule, &range)
        && finding.state != alarm.state.value
    {
        entry = Some(Entry {
            value: finding.state,
            reason: reason::text(rule, &finding),
            reason_data: Some(reason::data(rule, &finding, &range, world.now)),
        });
    }
    let next = next_evaluation(name, rule.period_seconds, world.now);
    if let Some(alarm) = world.cloudwatch.alarms.get_mut(name) {
        alarm.next_evaluation = Some(next);
    }
    if let Some(entry) = entry {
        enter(world, name, entry, &mut vec![]);
    }
}

/// The periods to be judged, newest first; none where there are too few samples to be judged at all.
fn evaluation_range(world: &World, alarm: &Alarm) -> Option<Vec<Slot>> {
    let Watches::Metric { queries, watched, rule } = &alarm.watches else {
        return None;
    };
    // The newest period ends with the last whole minute, whatever the period: windows slide minute by minute.
    let step = rule.period_seconds.min(60) * 1000;
    let to = At(world.now.0 - world.now.0.rem_euclid(step));
    let periods = i64::try_from(rule.range()).unwrap_or(i64::MAX);
    let scope = Scope {
        cloudwatch: &world.cloudwatch,
        queries,
        from: to.plus_seconds(-periods * rule.period_seconds),
        to,
        now: world.now,
    };
    let query = queries.iter().find(|q| q.id == *watched)?;
    let series = scope.answer(query).ok()?.pop()?;
    let samples = sample_counts(&scope, query);
    if let Some(needed) = rule.samples_needed {
        let judged = to.plus_seconds(-(rule.evaluation_periods as i64) * rule.period_seconds);
        let seen: f64 = samples.iter().filter(|(at, _)| **at >= judged.0).map(|(_, n)| n).sum();
        if seen < needed {
            return None;
        }
    }
    let slots = (1..=periods).map(|back| {
        let at = to.plus_seconds(-back * rule.period_seconds);
        let point = series.points.get(&at.0).map(|value| Point {
            at,
            value: *value,
            samples: samples.get(&at.0).copied(),
        });
        Slot { at, point }
    });
    Some(slots.collect())
}

fn sample_counts(scope: &Scope<'_>, query: &Query) -> BTreeMap<i64, f64> {
    let mut counting = query.clone();
    match &mut counting.source {
        Source::Metric { statistic, .. } => *statistic = Statistic::SampleCount,
        Source::Math(_) => return BTreeMap::new(),
    }
    let series = scope.answer(&counting).ok().and_then(|mut all| all.pop());
    series.map(|s| s.points).unwrap_or_default()
}

pub(super) fn set_alarm_state(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let text = |member: &str| input[member].as_str().unwrap_or_default();
    let name = text("AlarmName");
    let value = StateValue::parse(text("StateValue")).ok_or_else(|| invalid("StateValue is not a state"))?;
    let reason_data = input["StateReasonData"].as_str();
    if reason_data.is_some_and(|data| serde_json::from_str::<Value>(data).is_err()) {
        return Err(Refusal::new("InvalidFormatFault", "StateReasonData is not valid JSON"));
    }
    let now = world.now;
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        let refusal = Refusal::new("ResourceNotFound", format!("Alarm {name} does not exist"));
        return Err(refusal.status(404));
    };
    let entry = Entry {
        value,
        reason: text("StateReason").to_owned(),
        reason_data: reason_data.map(str::to_owned),
    };
    if alarm.state.value == value {
        // "When the updated state differs from the previous value, the action … is invoked": here it does not.
        alarm.state.reason = entry.reason;
        alarm.state.reason_data = entry.reason_data;
        alarm.state.updated = now;
    } else {
        let name = name.to_owned();
        enter(world, &name, entry, &mut vec![name.clone()]);
    }
    Ok(json!({}))
}
