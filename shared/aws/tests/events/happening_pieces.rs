//! What `watch` is told, with something missing or put in the place of something else.

use super::happenings::told;
use super::pieces::{all_pointers, without};
use super::*;
use aws::event::{Happening, happened};

/// Fields without which nothing can be vouched for.
fn needed(happening: &Happening) -> Vec<String> {
    let envelope = "/detail-type /source /account /region /resources /resources/0 /detail";
    let (time, detail) = match happening {
        Happening::Pipeline(_) => ("/time", "pipeline execution-id state"),
        Happening::Stage(_) => ("/time", "pipeline execution-id stage state"),
        Happening::Action(_) => (
            "/time",
            "pipeline execution-id stage action state type type/category type/provider",
        ),
        Happening::Deployment(_) => ("", "deploymentId eventName"),
        Happening::ServiceAction(_) => ("", "eventName"),
        Happening::Parameter(_) => ("", "name operation"),
    };
    let detail = detail.split(' ').map(|field| format!("/detail/{field}"));
    let envelope = envelope.split(' ').chain(time.split_whitespace()).map(str::to_owned);
    envelope.chain(detail).collect()
}

/// What is left of `whole` without a field that is not needed.
fn rest(whole: &Happening, pointer: &str, time: EpochMillis) -> Happening {
    let mut rest = whole.clone();
    match (&mut rest, pointer) {
        (Happening::Deployment(event), "/detail/reason") => event.reason.clear(),
        (Happening::Deployment(event), "/detail/updatedAt") => event.at = time,
        (Happening::ServiceAction(event), "/detail/createdAt") => event.at = time,
        _ => {}
    }
    rest
}

/// `detail.type.category` for `/detail/type/category`.
fn path(pointer: &str) -> String {
    pointer[1..].replace("resources/0", "resources[0]").replace('/', ".")
}

/// What holds of every answer.
fn assert_harmless(payload: &Value) -> Result<Happening, Undecodable> {
    let answer = happened(payload);
    if let Err(refusal) = &answer {
        let text = refusal.to_string();
        assert!(text.contains("; "), "a refusal ends with the next step: {text}");
        assert!(text.chars().count() <= REFUSAL_CHARS_MAX, "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains("alarm"), "no advice for alarms: {text}");
    }
    if let Ok(happening) = &answer {
        let text = format!("{happening:?}");
        assert!(text.len() <= 4 * REASON_CHARS_MAX, "{text}");
        assert!(!text.contains("\\u{"), "{text}");
    }
    answer
}

#[test]
fn a_field_that_is_missing_or_null_is_refused_by_its_path_exactly_if_it_is_needed() {
    let mut refused = 0;
    for (file, document) in told() {
        let whole = happened(&document).expect(&file);
        let needed = needed(&whole);
        let time = EpochMillis::parse(document["time"].as_str().expect("a time")).expect("a time");
        let pointers = all_pointers(&document);
        assert!(
            needed.iter().all(|field| pointers.contains(field)),
            "{file}: {needed:?}"
        );
        for pointer in pointers {
            let mut null = document.clone();
            *null.pointer_mut(&pointer).expect("a value") = Value::Null;
            for damaged in [without(&document, &pointer), null] {
                match (assert_harmless(&damaged), needed.contains(&pointer)) {
                    (Ok(left), false) => assert_eq!(left, rest(&whole, &pointer, time), "{file} without {pointer}"),
                    (Err(refusal), true) => {
                        refused += 1;
                        let text = refusal.to_string();
                        assert!(
                            text.contains(&format!("`{}", path(&pointer))),
                            "{file} {pointer}: {text}"
                        );
                    }
                    (answer, needed) => panic!("{file} without {pointer} (needed: {needed}): {answer:?}"),
                }
            }
        }
    }
    assert!(refused > 400, "only {refused} refusals were seen");
}

#[test]
fn a_needed_field_of_another_kind_is_refused_by_its_path() {
    for (file, document) in told() {
        for pointer in needed(&happened(&document).expect(&file)) {
            for stranger in [json!(7), json!(true), json!([]), json!({})] {
                let mut damaged = document.clone();
                *damaged.pointer_mut(&pointer).expect("a value") = stranger.clone();
                let text = assert_harmless(&damaged).expect_err(&pointer).to_string();
                assert!(
                    text.contains(&format!("`{}", path(&pointer))),
                    "{file} {pointer} = {stranger}: {text}"
                );
            }
        }
    }
}

#[test]
fn a_value_of_any_other_kind_or_size_is_decoded_or_refused_but_never_a_panic() {
    let deep = (0..100).fold(json!(0), |inner, _| json!([inner]));
    let strangers = [
        json!(true),
        json!(-7),
        json!(1e300),
        json!(""),
        json!("\u{0}\u{1b}[2J\u{202e}"),
        json!("ä".repeat(5_000)),
        json!("x".repeat(300_000)),
        json!([]),
        json!({}),
        deep,
    ];
    let mut taken = 0;
    for (_, document) in told() {
        for pointer in all_pointers(&document) {
            for stranger in &strangers {
                let mut damaged = document.clone();
                *damaged.pointer_mut(&pointer).expect("a value") = stranger.clone();
                taken += usize::from(assert_harmless(&damaged).is_ok());
            }
        }
    }
    assert!(taken > 1_000, "only {taken} were decoded");
    strangers.iter().for_each(|stranger| drop(assert_harmless(stranger)));
}

#[test]
fn a_text_cut_anywhere_is_decoded_or_refused_but_never_a_panic() {
    let mut cuts = 0;
    for (_, document) in told() {
        for pointer in all_pointers(&document) {
            let Some(text) = document.pointer(&pointer).and_then(Value::as_str) else {
                continue;
            };
            for (cut, _) in text.char_indices() {
                let mut damaged = document.clone();
                *damaged.pointer_mut(&pointer).expect("a text") = text[..cut].into();
                drop(assert_harmless(&damaged));
                cuts += 1;
            }
        }
    }
    assert!(cuts > 5_000, "only {cuts} cuts were made");
}
