//! `state` and `previousState`, as direct actions and EventBridge spell them.
//!
//! Composite, metric, math, anomaly and Metrics Insights alarms differ in `configuration` and `reasonData` only, and nothing
//! is decided by those; so neither is read, and a new kind of alarm needs no new code.

use super::arn::NAME_CHARS_MAX;
use super::node::Node;
use super::text::{self, QUOTE_CHARS_MAX};
use super::{AlarmArn, AlarmEvent, AlarmState, EpochMillis, REASON_CHARS_MAX, Source, Undecodable};

/// What `state.value` holds.
pub(super) const A_STATE: &str = "OK, ALARM or INSUFFICIENT_DATA";

/// The transition in `data` (`alarmData` or `detail`) of the alarm `arn`.
pub(super) fn decode(
    data: &Node<'_>,
    arn: AlarmArn,
    source: Source,
    event_id: Option<String>,
) -> Result<AlarmEvent, Undecodable> {
    let (state, previous) = (data.field("state"), data.field("previousState"));
    let now = self::state(state.field("value").text(A_STATE)?);
    let before = previous.field("value").text_or_nothing().map(self::state);
    let updated = state.field("timestamp").instant()?;
    let since = since(
        &now,
        updated,
        before.as_ref(),
        previous.field("timestamp").instant().ok(),
    );
    Ok(AlarmEvent {
        name: name(data.field("alarmName"), &arn),
        since,
        updated,
        reason: reason(state.field("reason")),
        suppressed: suppressed(&state)?,
        muted: data.field("muteDetail").is_present(),
        contributor: contributor(&data.field("alarmContributor"))?,
        arn,
        state: now,
        previous: before,
        source,
        event_id,
    })
}

pub(super) fn state(value: &str) -> AlarmState {
    match value {
        "OK" => AlarmState::Ok,
        "ALARM" => AlarmState::Alarm,
        "INSUFFICIENT_DATA" => AlarmState::InsufficientData,
        other => AlarmState::Unknown(text::bounded(other, QUOTE_CHARS_MAX)),
    }
}

pub(super) fn name(name: Node<'_>, arn: &AlarmArn) -> String {
    text::bounded(name.text_or_nothing().unwrap_or(arn.name()), NAME_CHARS_MAX)
}

pub(super) fn reason(reason: Node<'_>) -> String {
    text::bounded(reason.text_or_nothing().unwrap_or_default(), REASON_CHARS_MAX)
}

/// When suppression ends, CloudWatch reports a change from `ALARM` to `ALARM` with the time the suppression ended; the alarm
/// itself went off before.
fn since(
    now: &AlarmState,
    updated: EpochMillis,
    before: Option<&AlarmState>,
    before_updated: Option<EpochMillis>,
) -> EpochMillis {
    match before_updated {
        Some(earlier) if before == Some(now) => earlier.min(updated),
        _ => updated,
    }
}

/// Refused if it is not text: "suppressed by something unreadable" must not become "not suppressed".
fn suppressed(state: &Node<'_>) -> Result<Option<String>, Undecodable> {
    let by = state
        .field("actionsSuppressedBy")
        .optional_text("WaitPeriod, ExtensionPeriod or Alarm")?;
    Ok(by.map(|by| text::bounded(by, QUOTE_CHARS_MAX)))
}

/// Refused if it has no id: one contributor's `OK` must not become the alarm's.
fn contributor(contributor: &Node<'_>) -> Result<Option<String>, Undecodable> {
    if !contributor.is_present() {
        return Ok(None);
    }
    let id = contributor.field("id").text("the id of the time series that changed")?;
    Ok(Some(text::id(id)))
}
