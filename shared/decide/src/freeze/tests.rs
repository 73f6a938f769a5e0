use std::slice::from_ref;

use super::{Freeze, Word, ends_a_thaw, frozen, in_force, leave_room, next, thawed, unreadable};
use crate::At;
use crate::policy::Window;

fn moment(text: &str) -> At {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap()
}

fn window(cron: &str, minutes: u32, time_zone: &str) -> Window {
    Window {
        cron: cron.to_owned(),
        minutes,
        time_zone: time_zone.to_owned(),
    }
}

fn said(word: Word, at: &str, until: Option<&str>) -> Freeze {
    Freeze {
        id: "1".to_owned(),
        word,
        by: "ann".to_owned(),
        why: "inventory".to_owned(),
        at: moment(at),
        until: until.map(moment),
    }
}

/// The weekend, from Friday afternoon on, in Berlin.
fn weekend() -> Window {
    window("0 16 * * FRI", 3_840, "Europe/Berlin")
}

fn until(windows: &[Window], freeze: Option<&Freeze>, at: &str) -> String {
    match in_force(windows, freeze, moment(at)) {
        None => "free".to_owned(),
        Some(hold) => hold.until.map_or("for ever".to_owned(), |until| until.to_string()),
    }
}

#[test]
fn a_window_holds_from_its_first_second_to_its_last() {
    // 2026-11-20 is a Friday; Berlin is an hour ahead of UTC.
    let cases = [
        ("2026-11-20T14:59:59.999Z", "free"),
        ("2026-11-20T15:00:00Z", "2026-11-23T07:00:00Z"),
        ("2026-11-20T15:00:00.500Z", "2026-11-23T07:00:00Z"),
        ("2026-11-22T00:00:00Z", "2026-11-23T07:00:00Z"),
        ("2026-11-23T06:59:59.999Z", "2026-11-23T07:00:00Z"),
        ("2026-11-23T07:00:00Z", "free"),
        ("1969-12-31T23:59:59Z", "free"),
    ];
    for (at, expected) in cases {
        assert_eq!(until(&[weekend()], None, at), expected, "{at}");
    }
}

/// A window, a moment, and the windows that come from then on.
type Turn = (&'static str, Window, &'static str, [(&'static str, &'static str); 2]);

#[test]
fn a_clock_that_is_put_forward_or_back_moves_where_a_window_begins_and_not_how_long_it_lasts() {
    // Berlin: forward at 2027-03-28T01:00Z (02:00 becomes 03:00), back at 2027-10-31T01:00Z (03:00 becomes 02:00).
    let berlin = "Europe/Berlin";
    let cases: [Turn; 9] = [
        (
            "a weekend of sixty-four hours that has an hour less on the wall ends an hour later there",
            weekend(),
            "2027-03-26T12:00:00Z",
            [
                ("2027-03-26T15:00:00Z", "2027-03-29T07:00:00Z"),
                ("2027-04-02T14:00:00Z", "2027-04-05T06:00:00Z"),
            ],
        ),
        (
            "and one that has an hour more ends an hour earlier there",
            weekend(),
            "2027-10-29T12:00:00Z",
            [
                ("2027-10-29T14:00:00Z", "2027-11-01T06:00:00Z"),
                ("2027-11-05T15:00:00Z", "2027-11-08T07:00:00Z"),
            ],
        ),
        (
            "what begins in the hour that spring leaves out begins when that is over",
            window("30 2 * * *", 60, berlin),
            "2027-03-27T12:00:00Z",
            [
                ("2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z"),
                ("2027-03-29T00:30:00Z", "2027-03-29T01:30:00Z"),
            ],
        ),
        (
            "what begins in the hour that autumn has twice begins once, in the first",
            window("30 2 * * *", 60, berlin),
            "2027-10-30T12:00:00Z",
            [
                ("2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"),
                ("2027-11-01T01:30:00Z", "2027-11-01T02:30:00Z"),
            ],
        ),
        (
            "what begins every hour begins in both",
            window("30 * * * *", 10, berlin),
            "2027-10-31T00:00:00Z",
            [
                ("2027-10-31T00:30:00Z", "2027-10-31T00:40:00Z"),
                ("2027-10-31T01:30:00Z", "2027-10-31T01:40:00Z"),
            ],
        ),
        (
            "and skips the hour that spring leaves out",
            window("30 * * * *", 10, berlin),
            "2027-03-28T00:00:00Z",
            [
                ("2027-03-28T00:30:00Z", "2027-03-28T00:40:00Z"),
                ("2027-03-28T01:30:00Z", "2027-03-28T01:40:00Z"),
            ],
        ),
        (
            "what lasts until half past two ends at the first of two",
            window("0 22 * * SAT", 270, berlin),
            "2027-10-30T12:00:00Z",
            [
                ("2027-10-30T20:00:00Z", "2027-10-31T00:30:00Z"),
                ("2027-11-06T21:00:00Z", "2027-11-07T01:30:00Z"),
            ],
        ),
        (
            "and an hour more at the second",
            window("0 22 * * SAT", 330, berlin),
            "2027-10-30T12:00:00Z",
            [
                ("2027-10-30T20:00:00Z", "2027-10-31T01:30:00Z"),
                ("2027-11-06T21:00:00Z", "2027-11-07T02:30:00Z"),
            ],
        ),
        (
            "half an hour is put forward on Lord Howe Island",
            window("15 2 * * *", 30, "Australia/Lord_Howe"),
            "2026-10-03T12:00:00Z",
            [
                ("2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z"),
                ("2026-10-04T15:15:00Z", "2026-10-04T15:45:00Z"),
            ],
        ),
    ];
    for (case, window, at, expected) in cases {
        let found: Vec<(String, String)> = next(from_ref(&window), moment(at), 2)
            .into_iter()
            .map(|(begins, ends)| (begins.to_string(), ends.to_string()))
            .collect();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(begins, ends)| ((*begins).to_owned(), (*ends).to_owned()))
            .collect();
        assert_eq!(found, expected, "{case}");
        for (begins, ends) in next(from_ref(&window), moment(at), 2) {
            let last = At::from_millis(ends.millis() - 1);
            let before = At::from_millis(begins.millis() - 1);
            assert!(
                in_force(from_ref(&window), None, begins).is_some(),
                "{case}: at {begins}"
            );
            assert!(
                in_force(from_ref(&window), None, last).is_some(),
                "{case}: before {ends}"
            );
            assert!(in_force(from_ref(&window), None, ends).is_none(), "{case}: at {ends}");
            assert!(
                in_force(from_ref(&window), None, before).is_none(),
                "{case}: before {begins}"
            );
        }
    }
}

/// Windows and a person's word, a moment, and until when that holds.
type Held = (&'static str, Vec<Window>, Option<Freeze>, &'static str, &'static str);

#[test]
fn windows_and_a_persons_word_are_one_freeze_from_the_first_to_the_last() {
    let (friday, week) = ("2026-11-20T12:00:00Z", "2026-11-27T12:00:00Z");
    let nights = window("0 22 * * *", 600, "Europe/Berlin");
    let person = |until| said(Word::Frozen, friday, until);
    let cases: [Held; 9] = [
        ("nobody", vec![], None, friday, "free"),
        (
            "a person, without an end",
            vec![],
            Some(person(None)),
            friday,
            "for ever",
        ),
        (
            "a person",
            vec![],
            Some(person(Some("2026-11-20T13:00:00Z"))),
            friday,
            "2026-11-20T13:00:00Z",
        ),
        (
            "no longer",
            vec![],
            Some(person(Some("2026-11-20T13:00:00Z"))),
            "2026-11-20T13:00:00Z",
            "free",
        ),
        (
            "a person, and then the weekend",
            vec![weekend()],
            Some(person(Some("2026-11-20T16:00:00Z"))),
            friday,
            "2026-11-23T07:00:00Z",
        ),
        (
            "a person, and the weekend in it",
            vec![weekend()],
            Some(person(Some(week))),
            friday,
            "2026-11-27T12:00:00Z",
        ),
        // It ends on Monday at 08:00, as the night does.
        (
            "the weekend and its nights",
            vec![weekend(), nights],
            None,
            "2026-11-20T16:00:00Z",
            "2026-11-23T07:00:00Z",
        ),
        (
            "thawed for this weekend",
            vec![weekend()],
            Some(said(Word::Thawed, "2026-11-21T00:00:00Z", Some("2026-11-23T07:00:00Z"))),
            "2026-11-22T00:00:00Z",
            "free",
        ),
        (
            "and not for the next",
            vec![weekend()],
            Some(said(Word::Thawed, "2026-11-21T00:00:00Z", Some("2026-11-23T07:00:00Z"))),
            "2026-11-28T00:00:00Z",
            "2026-11-30T07:00:00Z",
        ),
    ];
    for (case, windows, freeze, at, expected) in cases {
        assert_eq!(until(&windows, freeze.as_ref(), at), expected, "{case}");
    }
}

#[test]
fn a_hold_says_by_whom_since_when_until_when_and_why() {
    let person = said(Word::Frozen, "2026-11-20T12:00:00Z", Some("2026-11-20T13:00:00Z"));
    let text = |windows: &[Window], freeze: Option<&Freeze>| {
        in_force(windows, freeze, moment("2026-11-20T12:30:00Z")).map(|hold| hold.to_string())
    };
    let hour = window("0 12 * * *", 60, "UTC");
    assert_eq!(
        text(&[], Some(&person)).unwrap(),
        "frozen until 2026-11-20T13:00:00Z by ann since 2026-11-20T12:00:00Z: inventory"
    );
    assert_eq!(
        text(&[hour], None).unwrap(),
        "frozen until 2026-11-20T13:00:00Z by the policy's window 0 12 * * * UTC since 2026-11-20T12:00:00Z"
    );
    let for_ever = Freeze { until: None, ..person };
    assert_eq!(
        text(&[], Some(&for_ever)).unwrap(),
        "frozen until it is thawed, by ann since 2026-11-20T12:00:00Z: inventory"
    );
}

#[test]
fn a_window_that_cannot_be_read_holds_until_somebody_thaws_it() {
    let odd = window("whenever", 60, "UTC");
    let hold = in_force(&[odd], None, moment("2026-11-20T12:00:00Z")).unwrap();
    assert_eq!(hold.until, None);
    assert!(hold.to_string().contains("cannot be read"), "{hold}");
}

#[test]
fn what_makes_no_sense_is_refused_with_the_reason() {
    let (noon, one) = ("2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z");
    assert_eq!(frozen("orders", None, &said(Word::Frozen, noon, None)), Ok(()));
    assert_eq!(frozen("orders", None, &said(Word::Frozen, noon, Some(one))), Ok(()));
    let over = frozen("orders", None, &said(Word::Frozen, one, Some(noon))).unwrap_err();
    assert_eq!(
        over,
        "policy orders is not frozen: 2026-11-20T12:00:00Z is over; name a later --until, or none"
    );
    let thaw = |at| said(Word::Thawed, at, None);
    let none = thawed("orders", &[weekend()], None, thaw(noon)).unwrap_err();
    assert_eq!(none, "policy orders is not frozen");
    // A person's freeze leaves nothing behind, a window is left out until it ends.
    let person = said(Word::Frozen, noon, None);
    assert_eq!(thawed("orders", &[weekend()], Some(&person), thaw(one)), Ok(None));
    let left_out = Freeze {
        until: Some(moment("2026-11-23T07:00:00Z")),
        ..thaw("2026-11-21T00:00:00Z")
    };
    assert_eq!(
        thawed("orders", &[weekend()], Some(&person), thaw("2026-11-21T00:00:00Z")),
        Ok(Some(left_out))
    );
}

#[test]
fn a_policy_whose_windows_cannot_be_kept_is_refused_with_the_field_and_the_way_out() {
    let told = |freeze: &str| {
        let mut document: serde_json::Value =
            serde_json::from_str(include_str!("../../../../policy/examples/minimal.json")).unwrap();
        document["freeze"] = serde_json::from_str(freeze).unwrap();
        let read = crate::Policy::read(&document.to_string());
        read.map_or_else(
            |mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            |_| Vec::new(),
        )
    };
    let window = |cron: &str, minutes: u32, zone: &str| {
        format!(r#"{{"cron": "{cron}", "minutes": {minutes}, "time_zone": "{zone}"}}"#)
    };
    let good = window("0 16 * * FRI", 3_840, "Europe/Berlin");
    assert_eq!(told(&format!("[{good}]")), [] as [String; 0]);
    let cases = [
        (window("0 25 * * *", 60, "UTC"), "freeze[1].cron: cannot be read ("),
        (
            window("0 16 * * FRI", 60, "Mars/Olympus"),
            "freeze[1].time_zone: cannot be read (there is no time zone Mars/Olympus); write",
        ),
        (
            window("0 0 30 FEB *", 60, "UTC"),
            "freeze[1].cron: cannot be read (it never comes); write a day",
        ),
        (
            window("0 0 * * *", 1_440, "UTC"),
            "freeze: leaves no time in which anything could move forward",
        ),
        (
            window("whenever", 60, "UTC"),
            "freeze[1].cron: must be five fields as in 0 16 * * FRI",
        ),
        (window("0 0 * * *", 0, "UTC"), "freeze[1].minutes: "),
    ];
    for (wrong, said) in cases {
        let found = told(&format!("[{good}, {wrong}]"));
        assert!(found.len() == 1 && found[0].starts_with(said), "{wrong}: {found:?}");
    }
    let all = told(&format!("[{}]", window("0 25 * * *", 60, "Mars/Olympus")));
    assert_eq!(all.len(), 2, "{all:?}");
}

#[test]
fn what_is_no_window_is_told_and_what_leaves_no_room_too() {
    assert_eq!(unreadable("0 16 * * FRI", "Europe/Berlin"), []);
    for (cron, zone, wrong) in [
        ("whenever", "Europe/Berlin", 1),
        ("0 16 * *", "UTC", 1),
        ("0 0 16 * * FRI", "UTC", 1),
        ("60 16 * * FRI", "UTC", 1),
        ("0 16 * * FRI", "Europe/Bärlin", 1),
        ("0 16 * * FRI", "Mars/Olympus", 1),
        ("", "", 2),
    ] {
        assert_eq!(
            unreadable(cron, zone).len(),
            wrong,
            "{cron} {zone}: {:?}",
            unreadable(cron, zone)
        );
    }
    let cases = [
        ("the weekend", vec![weekend()], true),
        ("each minute of the day", vec![window("* 8-17 * * *", 1, "UTC")], true),
        ("all days", vec![window("0 0 * * *", 1_440, "UTC")], false),
        ("all minutes", vec![window("* * * * *", 1, "UTC")], false),
        (
            "two halves",
            vec![window("0 0 * * *", 720, "UTC"), window("0 12 * * *", 720, "UTC")],
            false,
        ),
        (
            "two halves and a minute",
            vec![window("0 0 * * *", 719, "UTC"), window("0 12 * * *", 720, "UTC")],
            true,
        ),
        ("none", vec![], true),
    ];
    for (case, windows, room) in cases {
        assert_eq!(leave_room(&windows, At::EPOCH), room, "{case}");
    }
}

#[test]
fn nobody_freezes_for_a_shorter_time_than_somebody_else_has() {
    let (noon, one, two) = ("2026-11-19T12:00:00Z", "2026-11-19T13:00:00Z", "2026-11-19T14:00:00Z");
    let for_ever = said(Word::Frozen, noon, None);
    let until_one = said(Word::Frozen, noon, Some(one));
    let thawed = said(Word::Thawed, noon, Some(two));
    let cases = [
        (&for_ever, None, None),
        (&for_ever, Some(two), Some("frozen until it is thawed, by ann")),
        (&until_one, Some(two), None),
        (&until_one, Some(one), None),
        (
            &until_one,
            Some("2026-11-19T12:30:00Z"),
            Some("frozen until 2026-11-19T13:00:00Z by ann"),
        ),
        (&thawed, Some(one), None),
    ];
    for (before, until, refused) in cases {
        let freeze = said(Word::Frozen, "2026-11-19T12:10:00Z", until);
        let found = frozen("orders", Some(before), &freeze);
        assert_eq!(found.is_err(), refused.is_some(), "{until:?}: {found:?}");
        assert!(
            found
                .err()
                .iter()
                .all(|why| refused.is_some_and(|refused| why.contains(refused)))
        );
    }
    // The first is over by then.
    let later = said(Word::Frozen, one, Some(two));
    assert_eq!(frozen("orders", Some(&until_one), &later), Ok(()));
}

#[test]
fn whoever_freezes_hears_what_that_ends_of_a_thaw() {
    // Thawed for the weekend, until Monday morning.
    let thaw = said(Word::Thawed, "2026-11-21T10:00:00Z", Some("2026-11-23T07:00:00Z"));
    let before = said(Word::Frozen, "2026-11-21T10:00:00Z", None);
    let freeze = |until| Some(said(Word::Frozen, "2026-11-21T12:00:00Z", until));
    let hour = freeze(Some("2026-11-21T13:00:00Z"));
    let cases = [
        ("for an hour in it", Some(&thaw), &hour, true),
        ("nothing was thawed", None, &hour, false),
        ("it was frozen", Some(&before), &hour, false),
        ("for ever", Some(&thaw), &freeze(None), false),
        (
            "beyond the window",
            Some(&thaw),
            &freeze(Some("2026-11-23T08:00:00Z")),
            false,
        ),
    ];
    for (case, before, freeze, expected) in cases {
        let heard = ends_a_thaw(&[weekend()], before, freeze.as_ref(), moment("2026-11-21T12:00:00Z"));
        assert_eq!(heard.is_some(), expected, "{case}: {heard:?}");
    }
    let heard = ends_a_thaw(&[weekend()], Some(&thaw), hour.as_ref(), moment("2026-11-21T12:00:00Z"));
    let heard = heard.unwrap();
    assert!(
        heard.contains("from 2026-11-21T13:00:00Z on it is frozen until 2026-11-23T07:00:00Z"),
        "{heard}"
    );
}
