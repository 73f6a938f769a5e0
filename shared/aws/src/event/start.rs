//! An explicit start: somebody, or another tool, has `open` release images.

use super::node::Node;
use super::order::{BY_MAX, ID_MAX, named, only, said};
use super::{EpochMillis, Undecodable, text};
use decide::order::WHY_MAX;
use decide::{At, Images, Wanted};
use serde_json::Value;

/// What the reader of a refusal should do.
const NEXT: &str = "use `serin release`, or compare with events/start";

/// Most containers of a task definition.
///
/// # Source
/// Amazon ECS developer guide, service quotas: 10 containers per task definition; left some room.
const CONTAINERS_MAX: usize = 32;

/// Longest image that is read, in characters.
const IMAGE_MAX: usize = 512;

/// Who starts it, where the event does not say.
const NOBODY: &str = "an event without a name";

/// An explicit start, its texts bounded and harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartEvent {
    /// Name of the policy.
    pub policy: String,
    /// What is to be released, by whom and why.
    pub wanted: Wanted,
    /// Whether an alarm that rings already is passed over.
    pub despite_alarm: bool,
}

/// What the state machine `start.asl.json` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What its execution was given.
    pub event: &'a Value,
    /// The name of the execution, told by its end, which is what differs: CodePipeline puts a prefix before the id of the
    /// action's run.
    pub execution: String,
    /// When the execution began: it asks again and again. Of a state machine of an earlier version that is not known.
    pub since: Option<At>,
}

/// What the state machine asks for, where this comes from it.
pub fn asked_by_machine(payload: &Value) -> Option<Asked<'_>> {
    let (event, execution) = (payload.get("asked")?, payload.get("execution")?.as_str()?);
    let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let end: Vec<char> = execution.chars().rev().filter(fits).take(ID_MAX).collect();
    let since = payload
        .get("since")
        .and_then(Value::as_str)
        .and_then(EpochMillis::parse);
    Some(Asked {
        event,
        execution: end.into_iter().rev().collect(),
        since: since.map(|since| At::from_millis(since.0)),
    })
}

/// Whether an event is an explicit start, in order or not.
pub fn is_start(payload: &Value) -> bool {
    payload.get("images").is_some()
}

/// Reads `{"policy": "orders", "images": {"worker": "repo@sha256:…"}, "start": {"id", "by", "why", "despite_alarm"}}`.
/// Without an id the invocation's own makes the start; `asked` says when it was asked for, where that is known.
///
/// # Errors
/// What is wrong with it; nothing is done then.
pub fn start(payload: &Value, invocation: &str, asked: Option<At>) -> Result<StartEvent, Undecodable> {
    let event = Node::document("", payload);
    only(payload, "the payload", &["policy", "images", "start"], NEXT)?;
    let about = payload.get("start").cloned().unwrap_or_else(|| serde_json::json!({}));
    only(&about, "`start`", &["id", "by", "why", "despite_alarm"], NEXT)?;
    let node = Node::document("start", &about);
    let or = |name: &str, most: usize, otherwise: &str| match about.get(name) {
        Some(_) => said(&node.field(name), "a text", most, NEXT),
        None => Ok(otherwise.to_owned()),
    };
    let despite_alarm = match about.get("despite_alarm") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(other) => return Err(unfit("`start.despite_alarm`", "true or false", &other.to_string())),
    };
    Ok(StartEvent {
        policy: named(&event.field("policy"), "a policy's name", NEXT)?,
        wanted: Wanted {
            id: match about.get("id") {
                Some(_) => named(&node.field("id"), "the start's own id", NEXT)?,
                None => invocation.chars().take(ID_MAX).collect(),
            },
            images: images(payload)?,
            by: or("by", BY_MAX, NOBODY)?,
            why: or("why", WHY_MAX, "no reason was given")?,
            asked,
            given: None,
        },
        despite_alarm,
    })
}

fn images(payload: &Value) -> Result<Images, Undecodable> {
    let expected =
        "an object with an image for each container that changes, as in {\"worker\": \"repository@sha256:…\"}";
    let members = payload.get("images").and_then(Value::as_object);
    let members = members.filter(|members| (1..=CONTAINERS_MAX).contains(&members.len()));
    let members = members.ok_or_else(|| unfit("`images`", expected, "something else"))?;
    let image = |(container, image): (&String, &Value)| {
        let text = image
            .as_str()
            .filter(|text| !text.is_empty() && text.len() <= IMAGE_MAX);
        let harmless = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        match text.filter(|text| harmless(text) && harmless(container)) {
            Some(text) => Ok((container.clone(), text.to_owned())),
            None => {
                let place = format!("`images.{}`", text::bounded(container, 60));
                Err(unfit(
                    &place,
                    "an image, as in repository@sha256:…",
                    &text::quoted(&image.to_string()),
                ))
            }
        }
    };
    members.iter().map(image).collect()
}

fn unfit(place: &str, expected: &str, found: &str) -> Undecodable {
    Undecodable::Unfit {
        at: place.to_owned(),
        expected: expected.to_owned(),
        found: text::bounded(found, 200),
        next: NEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::{asked_by_machine, is_start, start};
    use serde_json::{Value, json};

    fn whole() -> Value {
        json!({
            "policy": "orders", "images": {"worker": "repo/orders@sha256:00"},
            "start": {"id": "start-1", "by": "ann", "why": "the fix", "despite_alarm": true},
        })
    }

    #[test]
    fn a_start_says_what_by_whom_and_why() {
        let event = start(&whole(), "i", None).unwrap();
        assert_eq!((event.policy.as_str(), event.despite_alarm), ("orders", true));
        assert_eq!(event.wanted.images["worker"], "repo/orders@sha256:00");
        assert_eq!((event.wanted.id.as_str(), event.wanted.by.as_str()), ("start-1", "ann"));
        assert!(is_start(&whole()) && !is_start(&json!({"policy": "orders"})));
    }

    #[test]
    fn what_is_not_said_is_the_invocations() {
        let mut payload = whole();
        payload.as_object_mut().unwrap().remove("start");
        let event = start(&payload, "8b1c", None).unwrap();
        assert_eq!((event.wanted.id.as_str(), event.despite_alarm), ("8b1c", false));
        assert_eq!(event.wanted.by, "an event without a name");
    }

    #[test]
    fn what_a_state_machine_asks_is_told_apart_by_its_execution() {
        let asked = |execution: &str| {
            let payload = json!({"asked": whole(), "execution": execution, "since": "2026-11-21T03:00:00.123Z"});
            let asked = asked_by_machine(&payload).unwrap();
            assert_eq!(*asked.event, whole());
            assert_eq!(asked.since.unwrap().millis(), 1_795_230_000_123);
            asked.execution
        };
        assert_eq!(asked("8b1c-17"), "8b1c-17");
        assert_eq!(asked("8b1c_17"), "8b1c17");
        let (a, b) = (
            asked(&format!("{}-1", "p".repeat(78))),
            asked(&format!("{}-2", "p".repeat(78))),
        );
        assert!(a != b && a.len() == 64, "{a} {b}");
        for other in [
            json!({"asked": 1}),
            json!({"execution": "x"}),
            json!({"asked": {}, "execution": 7}),
            whole(),
        ] {
            assert!(asked_by_machine(&other).is_none(), "{other}");
        }
        for since in [json!(null), json!(7), json!("yesterday")] {
            let payload = json!({"asked": whole(), "execution": "x", "since": since});
            assert_eq!(asked_by_machine(&payload).unwrap().since, None, "{since}");
        }
    }

    #[test]
    fn a_mistake_names_its_place() {
        let cases = [
            ("/policy", json!(7), "`policy`"),
            ("/policy", json!("a b"), "`policy`"),
            ("/images", json!([]), "`images`"),
            ("/images", json!({}), "`images`"),
            ("/images/worker", json!(7), "`images.worker`"),
            ("/images/worker", json!("a\nb"), "`images.worker`"),
            ("/start/id", json!("a/b"), "id"),
            ("/start/by", json!(""), "by"),
            ("/start/despite_alarm", json!("yes"), "`start.despite_alarm`"),
            ("/start", json!({"who": "ann"}), "`start`"),
            ("/start", json!("now"), "`start`"),
        ];
        for (place, value, named) in cases {
            let mut payload = whole();
            *payload.pointer_mut(place).unwrap() = value;
            let error = start(&payload, "i", None).unwrap_err().to_string();
            assert!(
                error.contains(named) && error.contains("serin release"),
                "{place}: {error}"
            );
        }
        let mut payload = whole();
        payload["image"] = json!(1);
        let error = start(&payload, "i", None).unwrap_err().to_string();
        assert!(error.contains("the field"), "{error}");
    }
}
