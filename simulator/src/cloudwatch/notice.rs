//! Who is told of a state change: EventBridge always, the alarm's actions unless something forbids.

use super::document;
use super::history;
use crate::time::At;
use crate::world::World;
use crate::{lambda, sns};

/// A window of an alarm mute rule. Alarms go on changing state in it, and events go out, but nothing acts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mute {
    pub(crate) rule_arn: String,
    pub(crate) alarm: String,
    pub(crate) from: At,
    pub(crate) until: At,
}

/// The mute window an alarm is in, the one that ends last.
pub(super) fn muting<'a>(world: &'a World, alarm: &str) -> Option<&'a Mute> {
    let mutes = world.cloudwatch.mutes.iter();
    mutes
        .filter(|m| m.alarm == alarm && m.from <= world.now && world.now < m.until)
        .max_by_key(|m| m.until)
}

/// Sends "CloudWatch Alarm State Change".
///
/// "CloudWatch guarantees the delivery of alarm state change events to EventBridge": also of alarms whose actions are
/// disabled, suppressed or muted.
pub(super) fn tell(world: &mut World, name: &str) {
    let Some(alarm) = world.cloudwatch.alarms.get(name) else {
        return;
    };
    let detail = document::state_change(alarm, muting(world, name));
    let resources = [alarm.arn.clone()];
    world.emit("aws.cloudwatch", "CloudWatch Alarm State Change", &resources, detail);
}

/// Does the actions of the present state, or notes that a mute window withholds them.
pub(super) fn act(world: &mut World, name: &str) {
    let muted_until = muting(world, name).map(|m| m.until);
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    if !alarm.actions_enabled() || alarm.state.suppressed.is_some() {
        return;
    }
    alarm.muted_until = muted_until;
    if muted_until.is_some() {
        return;
    }
    for action in alarm.actions(alarm.state.value) {
        execute(world, name, &action);
    }
}

/// A mute window is over: "if those alarms are in an ALARM state, their configured actions will trigger"
/// (API_DeleteAlarmMuteRule; here also for a window that ran out).
pub(super) fn unmute(world: &mut World, name: &str) {
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    alarm.muted_until = None;
    if alarm.state.value == super::StateValue::Alarm {
        act(world, name);
    }
}

fn execute(world: &mut World, name: &str, action: &str) {
    let Some(alarm) = world.cloudwatch.alarms.get(name) else {
        return;
    };
    let parts: Vec<&str> = action.split(':').collect();
    match parts.as_slice() {
        // With or without a version or alias behind the name.
        ["arn", _, "lambda", _, _, "function", function, ..] => {
            let payload = document::direct_action(&world.home, alarm);
            lambda::invoke_async(world, function, payload);
            history::action_done(world, name, action, None);
        }
        ["arn", _, "sns", ..] => {
            let message = document::notification(&world.home, alarm).to_string();
            let subject = document::subject(&world.home, alarm);
            sns::publish(world, action, Some(&subject), &message);
            history::action_done(world, name, action, Some(message));
        }
        // Scaling, EC2, Systems Manager: nobody here.
        _ => history::action_done(world, name, action, None),
    }
}
