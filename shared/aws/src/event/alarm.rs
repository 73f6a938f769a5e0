//! One transition of one alarm, whoever reported it.

use super::{AlarmArn, EpochMillis};

/// Longest [`AlarmEvent::reason`], in characters.
///
/// AWS itself stops at 1 023; half of that still holds every sentence CloudWatch writes for a metric alarm.
pub const REASON_CHARS_MAX: usize = 500;

/// A transition of an alarm as one event reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmEvent {
    /// Which alarm: its identity, with the account and region checked against the rest of the event.
    pub arn: AlarmArn,
    /// The alarm's name as the event spells it, for people. In AWS's own samples it may differ from the ARN's.
    pub name: String,
    /// The state it is in now.
    pub state: AlarmState,
    /// The state it was in before; contributor events have none.
    pub previous: Option<AlarmState>,
    /// When it went into `state`.
    ///
    /// Equal to `updated`, except where the state before was the same (a composite alarm whose suppression changed): then
    /// the earlier of the two times, as the alarm has been in this state since then at the latest. An event shows only the
    /// last link of such a chain; `StateTransitionedTimestamp` of `DescribeAlarms` knows its beginning.
    pub since: EpochMillis,
    /// When CloudWatch made the update this event reports; with `arn` and `state` it tells one transition from another.
    pub updated: EpochMillis,
    /// Why, in CloudWatch's words, at most [`REASON_CHARS_MAX`] characters; empty if the event gives none.
    pub reason: String,
    /// What holds back the alarm's actions (`WaitPeriod`, `ExtensionPeriod`, `Alarm`), if anything does.
    pub suppressed: Option<String>,
    /// Whether a mute rule holds back the alarm's actions. Only EventBridge reports muted transitions.
    pub muted: bool,
    /// The time series that changed, if this is about one contributor of a Metrics Insights alarm.
    ///
    /// `state` is then the contributor's: one in `ALARM` means the alarm is too, but one in `OK` says nothing of the others.
    pub contributor: Option<String>,
    /// Who delivered the event.
    pub source: Source,
    /// The deliverer's own id of the event (EventBridge `id`, SNS `MessageId`), the same on redelivery; a direct action has none.
    pub event_id: Option<String>,
}

/// State of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmState {
    /// `OK`
    Ok,
    /// `ALARM`
    Alarm,
    /// `INSUFFICIENT_DATA`: not the same as healthy; an idle canary's ratio alarm rests here.
    InsufficientData,
    /// Anything AWS may add one day, as it came (bounded): neither good nor bad.
    Unknown(String),
}

/// Who delivered the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The alarm's own Lambda action.
    Direct,
    /// An EventBridge rule.
    EventBridge,
    /// A subscription to an SNS topic the alarm notifies.
    Sns,
}
