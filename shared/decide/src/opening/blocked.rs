//! What keeps a release from being opened, and who may go past it.

use super::Standing;
use crate::rule::alarm;
use crate::{AlarmState, Part, Policy, SeenAlarm};

/// What keeps a release from being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// Until that is over, and nobody need do anything.
    ForNow(String),
    /// An alarm rings, and the policy says that it is in the way: whoever knows the fix may pass over it.
    Rings(String),
    /// Until somebody corrects it.
    Wrong(String),
}

impl Blocked {
    /// The alarm that rings, where that is it.
    pub fn rings(&self) -> Option<&str> {
        match self {
            Blocked::Rings(why) => Some(why),
            Blocked::ForNow(_) | Blocked::Wrong(_) => None,
        }
    }
}

/// What keeps a release from being opened: an alarm that rings already and that the policy does not pass over, or one
/// that does not exist.
pub fn blocked(policy: &Policy, alarms: &Part<Vec<SeenAlarm>>) -> Option<Blocked> {
    let alarms = match alarms {
        Part::Known(alarms) => alarms,
        Part::Unknown(why) => return Some(Blocked::ForNow(format!("the alarms are unknown: {why}"))),
    };
    let found = |name: &str| alarms.iter().find(|alarm| alarm.name == name);
    if let Some(name) = policy.alarms().find(|name| found(name).is_none()) {
        let wrong = format!("there is no alarm {name}; create it, or correct the policy");
        return Some(Blocked::Wrong(wrong));
    }
    let rings = |alarm: &&SeenAlarm| alarm.state == AlarmState::Alarm && alarm::is_in_the_way(policy, alarm);
    policy.alarms().filter_map(found).find(rings).map(|alarm| {
        Blocked::Rings(format!(
            "alarm {} is in ALARM since {} and the policy says when_stale: block",
            alarm.name, alarm.since
        ))
    })
}

/// What a start is answered where something rings or is wrong; nothing, where it goes past that.
pub fn in_the_way(blocked: Blocked, despite_alarm: bool) -> Option<(Standing, String)> {
    match blocked {
        Blocked::Rings(_) if despite_alarm => None,
        Blocked::ForNow(why) => Some((Standing::Later, format!("not now: {why}; start it again"))),
        Blocked::Rings(why) => Some((
            Standing::Later,
            format!("{why}; start it with --despite-alarm where this release is the fix"),
        )),
        Blocked::Wrong(why) => Some((Standing::Refused, why)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Standing::{Later, Refused};
    use super::{Blocked, in_the_way};

    #[test]
    fn whoever_knows_the_fix_goes_past_what_rings_and_past_nothing_else() {
        let why = || "alarm dlq".to_owned();
        let cases = [
            (Blocked::ForNow(why()), false, Some((Later, "not now: alarm dlq; "))),
            (Blocked::ForNow(why()), true, Some((Later, "not now: alarm dlq; "))),
            (Blocked::Rings(why()), false, Some((Later, "with --despite-alarm"))),
            (Blocked::Rings(why()), true, None),
            (Blocked::Wrong(why()), false, Some((Refused, "alarm dlq"))),
            (Blocked::Wrong(why()), true, Some((Refused, "alarm dlq"))),
        ];
        for (blocked, despite_alarm, expected) in cases {
            let case = format!("{blocked:?} {despite_alarm}");
            match (in_the_way(blocked, despite_alarm), expected) {
                (None, None) => {}
                (Some((standing, said)), Some((wanted, text))) => {
                    assert_eq!(standing, wanted, "{case}");
                    assert!(said.contains(text), "{case}: {said}");
                }
                (found, _) => panic!("{case}: {found:?}"),
            }
        }
    }
}
