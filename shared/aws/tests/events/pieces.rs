//! Documents with something missing, cut off or put in the place of something else.

use super::*;

/// The alarm in an SNS event's message.
pub fn message(document: &Value) -> Option<Value> {
    document
        .pointer("/Records/0/Sns/Message")?
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok())
}

/// The document with the message's JSON laid open.
pub fn open(document: &Value) -> Value {
    let mut opened = document.clone();
    if let Some(message) = message(document) {
        opened["Records"][0]["Sns"]["Message"] = message;
    }
    opened
}

/// The reverse of `open`.
pub fn close(mut opened: Value) -> Value {
    if let Some(message) = opened
        .pointer_mut("/Records/0/Sns/Message")
        .filter(|message| message.is_object())
    {
        *message = message.to_string().into();
    }
    opened
}

/// Pointers to every value below the top.
fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, child)| (name.clone(), child)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, child)| (i.to_string(), child))
            .collect(),
        _ => vec![],
    };
    for (name, child) in children {
        let pointer = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
        pointers(child, &pointer, found);
        found.push(pointer);
    }
}

pub fn all_pointers(value: &Value) -> Vec<String> {
    let mut found = vec![];
    pointers(value, "", &mut found);
    found
}

pub fn without(document: &Value, pointer: &str) -> Value {
    let mut rest = document.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    match rest.pointer_mut(parent).expect("a parent") {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().expect("an index"))),
        other => panic!("{parent} is {other}"),
    }
    rest
}

/// Fields without which nothing can be vouched for, per sender.
fn needed(source: Source) -> Vec<String> {
    let below =
        |parent: &str, names: &str| -> Vec<String> { names.split(' ').map(|name| format!("{parent}{name}")).collect() };
    let state = "/state /state/value /state/timestamp /alarmContributor/id";
    match source {
        Source::Direct => [
            below("", "/source /alarmArn /accountId /region /alarmData"),
            below("/alarmData", state),
        ]
        .concat(),
        Source::EventBridge => [
            below(
                "",
                "/detail-type /source /account /region /resources /resources/0 /detail",
            ),
            below("/detail", state),
        ]
        .concat(),
        Source::Sns => [
            below("", "/Records /Records/0"),
            below("/Records/0", "/EventSource /EventVersion /EventSubscriptionArn /Sns"),
            below(
                "/Records/0/Sns",
                "/Type /MessageId /TopicArn /Timestamp /SignatureVersion /Signature /Message",
            ),
            below("/Records/0/Sns", "/SigningCertUrl /UnsubscribeUrl"),
            below(
                "/Records/0/Sns/Message",
                "/AlarmArn /AWSAccountId /NewStateValue /StateChangeTime",
            ),
        ]
        .concat(),
    }
}

/// What holds of every answer, whatever was asked.
fn assert_harmless(payload: &Value) -> Vec<Result<AlarmEvent, Undecodable>> {
    let answers = alarms(payload);
    assert!(!answers.is_empty(), "{payload}");
    for answer in &answers {
        let (texts, chars_max) = match answer {
            Ok(event) => {
                let texts = [
                    Some(&event.name),
                    Some(&event.reason),
                    event.suppressed.as_ref(),
                    event.event_id.as_ref(),
                ];
                (
                    texts.into_iter().flatten().cloned().collect::<Vec<_>>(),
                    REASON_CHARS_MAX,
                )
            }
            Err(refusal) => {
                let text = refusal.to_string();
                assert!(text.contains("; "), "a refusal ends with the next step: {text}");
                (vec![text], REFUSAL_CHARS_MAX)
            }
        };
        for text in texts {
            assert!(text.chars().count() <= chars_max, "{text}");
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
    answers
}

#[test]
fn a_missing_field_is_refused_by_name_exactly_if_it_is_needed() {
    for (file, document) in folder("alarm") {
        let whole = only(&document).expect(&file);
        let opened = open(&document);
        let mut needed = needed(whole.source);
        if opened["detail-type"] == "CloudWatch Alarm Contributor State Change" {
            // Without it, one series of several would pass for the alarm.
            needed.push("/detail/alarmContributor".to_owned());
        }
        for pointer in all_pointers(&opened) {
            let mut answers = assert_harmless(&close(without(&opened, &pointer)));
            let name = pointer
                .trim_end_matches("/0")
                .rsplit('/')
                .next()
                .expect("a name")
                .to_owned();
            match (answers.remove(0), needed.contains(&pointer)) {
                (Ok(rest), false) => {
                    assert_eq!(
                        (&rest.arn, &rest.state, rest.updated),
                        (&whole.arn, &whole.state, whole.updated)
                    )
                }
                (Err(refusal), true) => assert!(refusal.to_string().contains(&name), "{file} {pointer}: {refusal}"),
                (answer, needed) => panic!("{file} without {pointer} (needed: {needed}): {answer:?}"),
            }
        }
    }
}

#[test]
fn a_text_cut_anywhere_is_decoded_or_refused_but_never_a_panic() {
    let mut cuts = 0;
    for (_, document) in folder("alarm") {
        for base in [document.clone(), open(&document)] {
            for pointer in all_pointers(&base) {
                let Some(text) = base.pointer(&pointer).and_then(Value::as_str) else {
                    continue;
                };
                for (cut, _) in text.char_indices() {
                    let mut damaged = base.clone();
                    *damaged.pointer_mut(&pointer).expect("a text") = text[..cut].into();
                    assert_harmless(&close(damaged));
                    cuts += 1;
                }
            }
        }
    }
    assert!(cuts > 10_000, "only {cuts} cuts were made");
}

#[test]
fn a_value_of_any_other_kind_is_decoded_or_refused_but_never_a_panic() {
    let deep = (0..100).fold(json!(0), |inner, _| json!([inner]));
    let strangers = [
        json!(null),
        json!(true),
        json!(-7),
        json!(1e300),
        json!(""),
        json!("\u{0}\u{1b}[2J"),
        json!([]),
        json!({}),
        deep,
    ];
    for (_, document) in folder("alarm").into_iter().chain(folder("hostile")) {
        let opened = open(&document);
        assert_harmless(&document);
        for pointer in all_pointers(&opened) {
            for stranger in &strangers {
                let mut damaged = opened.clone();
                *damaged.pointer_mut(&pointer).expect("a value") = stranger.clone();
                assert_harmless(&close(damaged));
            }
        }
    }
    strangers.iter().for_each(|stranger| drop(assert_harmless(stranger)));
}
