//! What keeps a composite alarm from acting, and for how long.
//!
//! A suppression stands for actions that wait: it begins with a transition of the composite alarm, and they are done
//! when it ends. (Whether AWS also reports one where nothing waits is not documented; here it does not.)
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html>, whose
//! six examples are tests.

use super::alarm::{Alarm, StateValue, Suppression, SuppressionBy};
use super::{composite, notice};
use crate::world::World;

/// What a transition now begins with. Whatever period ran before is discarded (examples 3 and 6).
pub(super) fn at_transition(world: &World, name: &str) -> Option<Suppression> {
    let alarm = world.cloudwatch.alarms.get(name)?;
    let suppressor = alarm.setting("ActionsSuppressor").as_str()?;
    let is_alarm = composite::find(world, suppressor).is_some_and(|s| s.state.value == StateValue::Alarm);
    if is_alarm {
        return Some(Suppression {
            by: SuppressionBy::Alarm,
            until: None,
        });
    }
    period(world, alarm, SuppressionBy::WaitPeriod, "ActionsSuppressorWaitPeriod")
}

fn period(world: &World, alarm: &Alarm, by: SuppressionBy, setting: &str) -> Option<Suppression> {
    let seconds = alarm.setting(setting).as_i64().filter(|s| *s > 0)?;
    let until = Some(world.now.plus_seconds(seconds));
    Some(Suppression { by, until })
}

/// A suppressor changed state: what waits because of it waits on, or is let go.
pub(super) fn suppressor_changed(world: &mut World, suppressor: &str) {
    let alarms = &world.cloudwatch.alarms;
    let Some(changed) = alarms.get(suppressor) else {
        return;
    };
    let is_alarm = changed.state.value == StateValue::Alarm;
    let mut changes = Vec::new();
    for alarm in alarms.values() {
        let its_own = alarm
            .setting("ActionsSuppressor")
            .as_str()
            .is_some_and(|s| changed.is_called(s));
        let next = match alarm.state.suppressed.as_ref().map(|s| s.by) {
            Some(SuppressionBy::WaitPeriod | SuppressionBy::ExtensionPeriod) if its_own && is_alarm => {
                Some(Suppression {
                    by: SuppressionBy::Alarm,
                    until: None,
                })
            }
            Some(SuppressionBy::Alarm) if its_own && !is_alarm => {
                let setting = "ActionsSuppressorExtensionPeriod";
                period(world, alarm, SuppressionBy::ExtensionPeriod, setting)
            }
            _ => continue,
        };
        changes.push((alarm.name.clone(), next));
    }
    for (name, next) in changes {
        change(world, &name, next);
    }
}

/// A wait or extension period is over: the alarm "takes its actions".
pub(super) fn expire(world: &mut World, name: &str) {
    change(world, name, None);
}

/// A state update without a transition: the event of AWS's sample has ALARM before and ALARM after.
fn change(world: &mut World, name: &str, next: Option<Suppression>) {
    let now = world.now;
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    let over = next.is_none();
    alarm.previous = alarm.state.clone();
    alarm.state.suppressed = next;
    alarm.state.updated = now;
    notice::tell(world, name);
    if over {
        notice::act(world, name);
    }
}
