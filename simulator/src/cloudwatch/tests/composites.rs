//! Composite alarms and what keeps them from acting.

use super::*;
use crate::cloudwatch::rule::Condition;
use crate::cloudwatch::stage::composite;

/// `main` = ALARM(first) OR ALARM(second), suppressed by `maintenance`; none of the children moves by itself.
fn scene(wait: i64, extension: i64) -> World {
    let mut world = world();
    for name in ["first", "second", "maintenance"] {
        still(&mut world, name);
    }
    composite(
        &mut world,
        json!({
            "AlarmName": "main", "AlarmRule": "ALARM(first) OR ALARM(second)", "AlarmActions": [FUNCTION],
            "OKActions": [FUNCTION], "ActionsSuppressor": "maintenance",
            "ActionsSuppressorWaitPeriod": wait, "ActionsSuppressorExtensionPeriod": extension,
        }),
    );
    minutes(&mut world, 10);
    world.outbox.clear();
    world
}

/// An alarm that stays as it is set.
fn still(world: &mut World, name: &str) {
    alarm(world, name, json!({ "TreatMissingData": "ignore" }));
    set_state(world, name, StateValue::Ok);
}

fn suppressed_by(world: &World) -> Option<&'static str> {
    state(world, "main").suppressed.map(|s| s.by.text())
}

/// Moves on by time units of ten seconds.
fn units(world: &mut World, count: i64) {
    let until = world.now.plus_seconds(10 * count);
    world.advance_to(until);
}

/// The states `main` acted on.
fn acted(world: &World) -> Vec<String> {
    let invoked = invocations(world);
    invoked
        .iter()
        .map(|(_, p)| p["alarmData"]["state"]["value"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn rules_are_read_as_written() {
    // Alarms whose name ends in the state they are in.
    let state_of = |name: &str| match name.rsplit('-').next() {
        Some("alarm") => Some(StateValue::Alarm),
        Some("ok") => Some(StateValue::Ok),
        Some("unsure") => Some(StateValue::InsufficientData),
        _ => None,
    };
    let table = [
        ("ALARM(a-alarm)", true),
        ("ALARM(\"a-alarm\")", true),
        ("ALARM( a-alarm )", true),
        (
            "ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a-alarm)",
            true,
        ),
        ("ALARM(\"name (with parentheses)-alarm\")", true),
        ("ALARM(name with spaces-alarm)", true),
        ("ALARM(a-ok)", false),
        ("OK(a-ok)", true),
        ("INSUFFICIENT_DATA(a-unsure)", true),
        ("NOT ALARM(a-ok)", true),
        ("NOT NOT ALARM(a-ok)", false),
        ("TRUE", true),
        ("FALSE", false),
        ("TRUE AND FALSE", false),
        // AND binds tighter than OR.
        ("TRUE OR FALSE AND FALSE", true),
        ("(TRUE OR FALSE) AND FALSE", false),
        ("NOT TRUE OR TRUE", true),
        ("NOT (TRUE OR TRUE)", false),
        ("(ALARM(x-alarm)\n OR ALARM(y-ok)) AND OK(z-ok)", true),
        ("ALARM(gone)", false),
        ("NOT ALARM(gone)", true),
    ];
    for (text, holds) in table {
        let condition = Condition::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(condition.holds(&state_of), holds, "{text}");
    }
    for text in [
        "",
        "ALARM",
        "ALARM()",
        "ALARM(a",
        "ALARM(\"a)",
        "ALARM(a) AND",
        "AND",
        "ALARM(a) ALARM(b)",
        "WARM(a)",
        "(TRUE",
    ] {
        assert!(Condition::parse(text).is_err(), "{text}");
    }
    assert!(Condition::parse(&"(".repeat(100_000)).is_err());
}

#[test]
fn a_new_composite_alarm_is_evaluated_at_once_and_says_so() {
    let mut world = world();
    still(&mut world, "first");
    still(&mut world, "second");
    composite(
        &mut world,
        json!({ "AlarmName": "main", "AlarmRule": "ALARM(first) OR ALARM(second)" }),
    );
    assert_eq!(value(&world, "main"), StateValue::InsufficientData);
    world.advance_to(world.now.plus_seconds(1));
    let found = state(&world, "main");
    let arn = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm";
    assert_eq!(found.value, StateValue::Ok);
    assert_eq!(
        found.reason,
        format!("{arn}:main was created and its alarm rule evaluates to OK")
    );
    assert_eq!(
        found.reason_data.as_deref(),
        Some(
            format!(
                "{{\"triggeringAlarms\":[{{\"arn\":\"{arn}:first\",\"state\":{{\"value\":\"OK\",\
                 \"timestamp\":\"2026-11-21T03:00:00.000+0000\"}}}},{{\"arn\":\"{arn}:second\",\"state\":\
                 {{\"value\":\"OK\",\"timestamp\":\"2026-11-21T03:00:00.000+0000\"}}}}]}}"
            )
            .as_str()
        )
    );
}

#[test]
fn a_composite_alarm_follows_its_children_at_once() {
    let mut world = world();
    still(&mut world, "first");
    still(&mut world, "second");
    composite(
        &mut world,
        json!({ "AlarmName": "both", "AlarmRule": "ALARM(first) AND ALARM(second)" }),
    );
    composite(&mut world, json!({ "AlarmName": "top", "AlarmRule": "ALARM(both)" }));
    minutes(&mut world, 1);
    set_state(&mut world, "first", StateValue::Alarm);
    assert_eq!(value(&world, "both"), StateValue::Ok);
    set_state(&mut world, "second", StateValue::Alarm);
    assert_eq!(
        (value(&world, "both"), value(&world, "top")),
        (StateValue::Alarm, StateValue::Alarm)
    );
    assert_eq!(
        state(&world, "both").reason,
        "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:second transitioned to ALARM at \
         Saturday 21 November, 2026 03:01:00 UTC"
    );
    set_state(&mut world, "first", StateValue::Ok);
    assert_eq!(
        (value(&world, "both"), value(&world, "top")),
        (StateValue::Ok, StateValue::Ok)
    );
}

#[test]
fn a_composite_alarm_is_earned_through_metrics_like_any_other() {
    let mut world = world();
    alarm(&mut world, "first", json!({ "TreatMissingData": "notBreaching" }));
    composite(
        &mut world,
        json!({ "AlarmName": "main", "AlarmRule": "ALARM(first)", "AlarmActions": [FUNCTION] }),
    );
    minutes(&mut world, 5);
    assert_eq!(value(&world, "main"), StateValue::Ok);
    let now = world.now;
    errors(&mut world, now, 9.0);
    minutes(&mut world, 2);
    assert_eq!(value(&world, "main"), StateValue::Alarm);
    assert_eq!(state(&world, "main").transitioned, state(&world, "first").transitioned);
    assert_eq!(acted(&world), ["ALARM"]);
}

/// SetAlarmState: "It returns to its actual state only once any of its children alarms change state. It is also
/// reevaluated if you update its configuration."
#[test]
fn a_composite_alarm_set_by_hand_stays_so_until_a_child_moves_or_it_is_put_again() {
    let rule = json!({ "AlarmName": "main", "AlarmRule": "ALARM(first) OR ALARM(second)" });
    for put_again in [false, true] {
        let mut world = world();
        still(&mut world, "first");
        still(&mut world, "second");
        composite(&mut world, rule.clone());
        minutes(&mut world, 1);
        set_state(&mut world, "main", StateValue::Alarm);
        minutes(&mut world, 10);
        assert_eq!(value(&world, "main"), StateValue::Alarm);
        if put_again {
            composite(&mut world, rule.clone());
            minutes(&mut world, 1);
            let reason = state(&world, "main").reason;
            assert!(
                reason.ends_with(":main was updated and its alarm rule evaluates to OK"),
                "{reason}"
            );
        } else {
            set_state(&mut world, "second", StateValue::InsufficientData);
        }
        assert_eq!(value(&world, "main"), StateValue::Ok);
    }
}

#[test]
fn a_circle_of_composite_alarms_comes_to_rest() {
    let mut world = world();
    still(&mut world, "first");
    composite(&mut world, json!({ "AlarmName": "a", "AlarmRule": "ALARM(first)" }));
    composite(&mut world, json!({ "AlarmName": "b", "AlarmRule": "NOT ALARM(a)" }));
    composite(
        &mut world,
        json!({ "AlarmName": "a", "AlarmRule": "ALARM(first) OR ALARM(b)" }),
    );
    minutes(&mut world, 5);
    set_state(&mut world, "first", StateValue::Alarm);
    assert_eq!(value(&world, "a"), StateValue::Alarm);
}

#[test]
fn example_1_actions_are_done_after_the_wait_period() {
    let mut world = scene(20, 30);
    set_state(&mut world, "first", StateValue::Alarm);
    assert_eq!(suppressed_by(&world), Some("WaitPeriod"));
    world.advance_to(world.now.plus_seconds(19));
    assert_eq!(acted(&world), Vec::<String>::new());
    world.advance_to(world.now.plus_seconds(1));
    assert_eq!((acted(&world), suppressed_by(&world)), (vec!["ALARM".to_owned()], None));
}

#[test]
fn example_2_the_suppressor_takes_over_from_the_wait_period() {
    let mut world = scene(20, 30);
    set_state(&mut world, "first", StateValue::Alarm);
    units(&mut world, 1);
    set_state(&mut world, "maintenance", StateValue::Alarm);
    assert_eq!(suppressed_by(&world), Some("Alarm"));
    units(&mut world, 100);
    assert_eq!((acted(&world), suppressed_by(&world)), (vec![], Some("Alarm")));
}

#[test]
fn example_3_a_transition_while_waiting_waits_anew() {
    let mut world = scene(20, 30);
    set_state(&mut world, "first", StateValue::Alarm);
    units(&mut world, 1);
    set_state(&mut world, "first", StateValue::Ok);
    units(&mut world, 1);
    assert_eq!((acted(&world), suppressed_by(&world)), (vec![], Some("WaitPeriod")));
    units(&mut world, 1);
    assert_eq!((acted(&world), suppressed_by(&world)), (vec!["OK".to_owned()], None));
}

#[test]
fn example_4_a_suppressor_in_alarm_suppresses_at_once() {
    let mut world = scene(20, 30);
    set_state(&mut world, "maintenance", StateValue::Alarm);
    set_state(&mut world, "first", StateValue::Alarm);
    assert_eq!(suppressed_by(&world), Some("Alarm"));
    units(&mut world, 100);
    assert_eq!(acted(&world), Vec::<String>::new());
}

#[test]
fn example_5_actions_are_done_after_the_extension_period() {
    let mut world = scene(20, 30);
    set_state(&mut world, "first", StateValue::Alarm);
    units(&mut world, 1);
    set_state(&mut world, "maintenance", StateValue::Alarm);
    units(&mut world, 3);
    set_state(&mut world, "maintenance", StateValue::Ok);
    assert_eq!(suppressed_by(&world), Some("ExtensionPeriod"));
    world.advance_to(world.now.plus_seconds(29));
    assert_eq!(acted(&world), Vec::<String>::new());
    world.advance_to(world.now.plus_seconds(1));
    assert_eq!((acted(&world), suppressed_by(&world)), (vec!["ALARM".to_owned()], None));
}

#[test]
fn example_6_a_transition_during_the_extension_waits_anew() {
    let mut world = scene(20, 30);
    set_state(&mut world, "first", StateValue::Alarm);
    units(&mut world, 1);
    set_state(&mut world, "maintenance", StateValue::Alarm);
    units(&mut world, 3);
    set_state(&mut world, "maintenance", StateValue::Ok);
    units(&mut world, 1);
    set_state(&mut world, "first", StateValue::Ok);
    assert_eq!(suppressed_by(&world), Some("WaitPeriod"));
    units(&mut world, 2);
    assert_eq!((acted(&world), suppressed_by(&world)), (vec!["OK".to_owned()], None));
}

#[test]
fn without_periods_only_the_suppressor_itself_suppresses() {
    let mut world = scene(0, 0);
    set_state(&mut world, "first", StateValue::Alarm);
    assert_eq!((acted(&world), suppressed_by(&world)), (vec!["ALARM".to_owned()], None));
    set_state(&mut world, "maintenance", StateValue::Alarm);
    set_state(&mut world, "first", StateValue::Ok);
    assert_eq!((acted(&world).len(), suppressed_by(&world)), (1, Some("Alarm")));
    set_state(&mut world, "maintenance", StateValue::Ok);
    assert_eq!(acted(&world), ["ALARM", "OK"]);
}

#[test]
fn a_suppressor_replaced_discards_what_it_held_back() {
    let mut world = scene(20, 30);
    set_state(&mut world, "first", StateValue::Alarm);
    composite(
        &mut world,
        json!({
            "AlarmName": "main", "AlarmRule": "ALARM(first) OR ALARM(second)", "AlarmActions": [FUNCTION],
            "ActionsSuppressor": "second", "ActionsSuppressorWaitPeriod": 20, "ActionsSuppressorExtensionPeriod": 30,
        }),
    );
    assert_eq!(suppressed_by(&world), None);
    units(&mut world, 100);
    assert_eq!(acted(&world), Vec::<String>::new());
}

#[test]
fn suppression_ends_in_a_state_update_and_not_in_a_transition() {
    let mut world = scene(20, 30);
    set_state(&mut world, "first", StateValue::Alarm);
    let waiting = state(&world, "main");
    units(&mut world, 2);
    let free = state(&world, "main");
    assert_eq!(free.transitioned, waiting.transitioned);
    assert_eq!(free.updated, waiting.updated.plus_seconds(20));
    let told: Vec<Value> = changes(&mut world)
        .into_iter()
        .filter(|e| e["detail"]["alarmName"] == "main")
        .collect();
    let brief: Vec<_> = told
        .iter()
        .map(|e| {
            let (before, after) = (&e["detail"]["previousState"], &e["detail"]["state"]);
            (
                before["value"].clone(),
                after["value"].clone(),
                after["actionsSuppressedBy"].clone(),
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            (json!("OK"), json!("ALARM"), json!("WaitPeriod")),
            (json!("ALARM"), json!("ALARM"), Value::Null)
        ]
    );
}

#[test]
fn a_rule_about_nobody_is_refused() {
    let mut world = world();
    still(&mut world, "first");
    let table = [
        (
            json!({ "AlarmName": "x", "AlarmRule": "ALARM(first) OR OK(gone) OR OK(\"lost\")" }),
            "Could not save the composite alarm as alarms [gone, lost] in the alarm rule do not exist",
        ),
        (
            json!({ "AlarmName": "x", "AlarmRule": " ALARM(first)" }),
            "AlarmRule must not contain leading or trailing whitespace or be null",
        ),
        (
            json!({ "AlarmName": "x", "AlarmRule": "ALARM(first", }),
            "AlarmRule is not valid: missing ')'",
        ),
        (
            json!({ "AlarmName": "x", "AlarmRule": "ALARM(first)", "ActionsSuppressor": "gone",
                    "ActionsSuppressorWaitPeriod": 1, "ActionsSuppressorExtensionPeriod": 1 }),
            "The suppressor alarm gone does not exist",
        ),
        (
            json!({ "AlarmName": "x", "AlarmRule": "ALARM(first)", "ActionsSuppressor": "first",
                    "ActionsSuppressorWaitPeriod": 1 }),
            "ActionsSuppressorExtensionPeriod is required when ActionsSuppressor is specified",
        ),
        (
            json!({ "AlarmName": "first", "AlarmRule": "TRUE" }),
            "An alarm first of another type exists already",
        ),
    ];
    for (request, text) in table {
        let refusal = refused(&mut world, "PutCompositeAlarm", request);
        assert_eq!((refusal.code, refusal.message.as_str()), ("ValidationException", text));
    }
}
