//! What an alarm is, and the state it is in.

use super::judge::Rule;
use super::query::Query;
use super::rule::Condition;
use crate::time::At;
use serde_json::{Map, Value};

/// The three states of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateValue {
    /// Within the threshold.
    Ok,
    /// Beyond it.
    Alarm,
    /// Not enough to tell.
    InsufficientData,
}

impl StateValue {
    /// As AWS writes it.
    pub fn text(self) -> &'static str {
        match self {
            StateValue::Ok => "OK",
            StateValue::Alarm => "ALARM",
            StateValue::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// From AWS's text.
    pub fn parse(text: &str) -> Option<StateValue> {
        [StateValue::Ok, StateValue::Alarm, StateValue::InsufficientData]
            .into_iter()
            .find(|value| value.text() == text)
    }
}

/// What keeps a composite alarm from acting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressionBy {
    /// It waits for the suppressor to go to ALARM.
    WaitPeriod,
    /// It waits after the suppressor left ALARM.
    ExtensionPeriod,
    /// The suppressor is in ALARM.
    Alarm,
}

impl SuppressionBy {
    /// As AWS writes it.
    pub fn text(self) -> &'static str {
        match self {
            SuppressionBy::WaitPeriod => "WaitPeriod",
            SuppressionBy::ExtensionPeriod => "ExtensionPeriod",
            SuppressionBy::Alarm => "Alarm",
        }
    }
}

/// A suppression in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// By what.
    pub by: SuppressionBy,
    /// When it ends by itself; never while the suppressor is in ALARM.
    pub until: Option<At>,
}

impl Suppression {
    /// Text for people.
    pub fn reason(&self) -> String {
        format!("Actions suppressed by {}", self.by.text())
    }
}

/// The state of an alarm, with its why.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// OK, ALARM or INSUFFICIENT_DATA.
    pub value: StateValue,
    /// Text for people.
    pub reason: String,
    /// JSON text; absent in a new alarm, and after most `SetAlarmState`.
    pub reason_data: Option<String>,
    /// Last update of any of this.
    pub updated: At,
    /// Last change of `value`.
    pub transitioned: At,
    /// Composite alarms only.
    pub suppressed: Option<Suppression>,
}

impl State {
    /// What every alarm begins with.
    pub(super) fn initial(now: At) -> State {
        State {
            value: StateValue::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            reason_data: None,
            updated: now,
            transitioned: now,
            suppressed: None,
        }
    }
}

/// What an alarm watches.
#[derive(Clone, Debug)]
pub(super) enum Watches {
    /// A metric, or an expression over metrics: the query named by `watched`.
    Metric {
        queries: Vec<Query>,
        watched: String,
        rule: Rule,
    },
    /// Other alarms.
    Alarms { condition: Condition },
}

/// One alarm.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// Unique among alarms of all kinds.
    pub name: String,
    /// `arn:aws:cloudwatch:…:alarm:<name>`.
    pub arn: String,
    /// The state it is in.
    pub state: State,
    /// The state before the last state update.
    pub previous: State,
    /// Members of `PutMetricAlarm` or `PutCompositeAlarm` as given, defaults filled in, tags left out.
    pub(super) settings: Map<String, Value>,
    pub(super) configured: At,
    pub(super) watches: Watches,
    /// Id of the only metric in events of an alarm without `Metrics`.
    pub(super) metric_id: String,
    pub(super) next_evaluation: Option<At>,
    /// Whether a composite alarm not evaluated since its configuration is a new one.
    pub(super) created: bool,
    /// End of the mute window that withheld the actions of the last transition.
    pub(super) muted_until: Option<At>,
}

impl Alarm {
    pub(super) fn is_composite(&self) -> bool {
        matches!(self.watches, Watches::Alarms { .. })
    }

    /// `MetricAlarm` or `CompositeAlarm`.
    pub(super) fn kind(&self) -> &'static str {
        if self.is_composite() {
            "CompositeAlarm"
        } else {
            "MetricAlarm"
        }
    }

    /// Whether somebody who says this name or ARN means this alarm.
    pub(super) fn is_called(&self, name_or_arn: &str) -> bool {
        self.name == name_or_arn || self.arn == name_or_arn
    }

    pub(super) fn setting(&self, name: &str) -> &Value {
        self.settings.get(name).unwrap_or(&Value::Null)
    }

    pub(super) fn actions_enabled(&self) -> bool {
        self.setting("ActionsEnabled").as_bool().unwrap_or(true)
    }

    /// ARNs to be acted on in a state.
    pub(super) fn actions(&self, state: StateValue) -> Vec<String> {
        let list = self.setting(match state {
            StateValue::Ok => "OKActions",
            StateValue::Alarm => "AlarmActions",
            StateValue::InsufficientData => "InsufficientDataActions",
        });
        let all = list.as_array().into_iter().flatten();
        all.filter_map(|arn| arn.as_str().map(str::to_owned)).collect()
    }
}
