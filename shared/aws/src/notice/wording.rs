//! What the state machine is given: the same notice as plain text, for a chat and for programs.

use decide::Notice;
use serde_json::{Map, Value, json};

/// The input of the execution that sends a notice.
///
/// # Shape
/// `people`, whether anybody hears it; `topic`, where it is not Serin's own that they hear it by; `subject` and
/// `message` for them, `chat` for a chat application, `event` for the bus.
pub(super) fn input(notice: &Notice) -> Value {
    let mut input = json!({
        "people": notice.kind().is_for_people(),
        "subject": notice.subject(),
        "message": notice.to_string(),
        "chat": chat(notice).to_string(),
        "event": event(notice),
    });
    if let Some(topic) = &notice.about.topic {
        input["topic"] = json!(topic);
    }
    input
}

/// What goes onto the event bus; docs/events.md describes it. What is not known is not there.
fn event(notice: &Notice) -> Value {
    let about = &notice.about;
    let (pipeline, execution) = about.run.clone().unzip();
    let fields = [
        ("kind", Some(notice.kind().name().to_owned())),
        ("policy", Some(about.policy.clone())),
        ("release", Some(about.release.clone())),
        ("phase", Some(about.phase.to_owned())),
        ("outcome", notice.kind().outcome().map(str::to_owned)),
        ("cause", about.cause.clone()),
        ("revision", about.revision.clone()),
        ("pipeline", pipeline),
        ("execution", execution),
        ("at", Some(about.at.to_string())),
        ("summary", Some(notice.summary())),
    ];
    let known = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
    let mut event: Map<String, Value> = known.collect();
    if about.dry_run {
        event.insert("dry_run".to_owned(), json!(true));
    }
    Value::Object(event)
}

/// # Source
/// Amazon Q Developer in chat applications administrator guide, "Custom notifications", event schema.
fn chat(notice: &Notice) -> Value {
    let about = &notice.about;
    let facts = notice.facts();
    let listed: Vec<String> = facts
        .iter()
        .map(|(name, fact)| format!("*{name}*: {}", worded(fact)))
        .collect();
    let steps = notice.next_steps();
    let steps: Vec<String> = steps
        .iter()
        .map(|(why, command)| format!("{}:\n```{}```", escaped(why), escaped(command)))
        .collect();
    let context: Map<String, Value> = facts
        .into_iter()
        .map(|(name, fact)| (name.to_owned(), json!(worded(&fact))))
        .collect();
    json!({
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": worded(&notice.summary()),
            "description": format!("{}\n{}", worded(&notice.head()), listed.join("\n")),
            "nextSteps": steps,
            "keywords": [about.policy, notice.kind().name()],
        },
        "metadata": {
            "threadId": about.release,
            "summary": worded(&notice.summary()),
            "eventType": notice.kind().name(),
            "relatedResources": about.resources,
            "additionalContext": context,
        },
    })
}

/// Chat applications take `<!channel>` for a call to everybody and `<address|text>` for a link.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same of what people and AWS say: in Markdown `[text](address)` would be a link, and a backtick the end of a quote.
fn worded(text: &str) -> String {
    escaped(text).replace('[', "(").replace(']', ")").replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::input;
    use decide::notice::{About, What};
    use decide::{At, Notice};
    use serde_json::{Value, json};

    fn notice(what: What) -> Notice {
        Notice {
            about: About {
                policy: "orders".to_owned(),
                topic: None,
                dry_run: false,
                release: "orders-1a2b3c4d".to_owned(),
                phase: "gated",
                cause: Some("aborted by ann: <!channel> & more".to_owned()),
                revision: Some("orders-canary:2".to_owned()),
                run: Some(("orders".to_owned(), "1a2b3c4d".to_owned())),
                resources: vec!["arn:aws:ecs:eu-central-1:111122223333:service/prod/orders".to_owned()],
                at: At::from_millis(1_795_230_000_000),
            },
            what,
        }
    }

    #[test]
    fn programs_get_every_field_that_is_known_and_no_other() {
        let gated = input(&notice(What::Gated {
            why: "a person".to_owned(),
        }));
        assert_eq!(gated["people"], json!(false));
        assert_eq!(gated.get("topic"), None);
        let expected = json!({
            "kind": "gated", "policy": "orders", "release": "orders-1a2b3c4d", "phase": "gated",
            "cause": "aborted by ann: <!channel> & more", "revision": "orders-canary:2", "pipeline": "orders",
            "execution": "1a2b3c4d", "at": "2026-11-21T03:00:00Z", "summary": "orders: orders-canary:2 waits for a person",
        });
        assert_eq!(gated["event"], expected);
        let mut by_hand = notice(What::Promoted);
        by_hand.about.run = None;
        let promoted = input(&by_hand);
        assert_eq!(promoted["people"], json!(true));
        assert_eq!(promoted["event"]["outcome"], json!("promoted"));
        assert_eq!(promoted["event"].get("pipeline"), None);
    }

    #[test]
    fn a_policys_own_topic_goes_with_it() {
        let mut own = notice(What::Promoted);
        own.about.topic = Some("arn:aws:sns:eu-central-1:111122223333:releases".to_owned());
        assert_eq!(
            input(&own)["topic"],
            json!("arn:aws:sns:eu-central-1:111122223333:releases")
        );
    }

    #[test]
    fn a_chat_gets_the_schema_of_custom_notifications_and_nobody_is_called_by_what_others_wrote() {
        let chat = input(&notice(What::Overtaken {
            by: "<!here>".to_owned(),
        }))["chat"]
            .clone();
        let chat: Value = serde_json::from_str(chat.as_str().unwrap()).unwrap();
        assert_eq!((&chat["version"], &chat["source"]), (&json!("1.0"), &json!("custom")));
        let content = &chat["content"];
        assert_eq!(content["textType"], json!("client-markdown"));
        assert_eq!(chat["metadata"]["threadId"], json!("orders-1a2b3c4d"));
        assert_eq!(chat["metadata"]["eventType"], json!("overtaken"));
        for text in [&content["title"], &content["description"], &chat["metadata"]["summary"]] {
            let text = text.as_str().unwrap();
            assert!(!text.contains("<!") && text.contains("&lt;!here&gt;"), "{text}");
        }
        assert!(
            content["nextSteps"].as_array().is_some_and(|steps| !steps.is_empty()),
            "{content}"
        );
    }
}
