//! A push to ECR, as an EventBridge rule tells of it.

use super::node::Node;
use super::shape::{Expected, RULE, checked, is_account, is_code};
use super::{Undecodable, text};
use decide::At;
use decide::opening::Push;
use serde_json::Value;

/// What `open` takes of a rule.
const EXPECTED: Expected = Expected {
    document: "an EventBridge event of a push to ECR",
    marks: &RULE,
    complete: "AWS sends it whole: remove the rule's input path or transformer, or complete the test event (events/ecr has one of \
               each shape)",
    compare: "compare the event with those in events/ecr",
};

/// What a rule that matches too much should match.
const TAKEN: &str = "let the rule match `ECR Image Action` of `aws.ecr` only";

/// Longest tag, in characters.
///
/// # Source
/// Amazon ECR API model, `ImageTag`: at most 300.
const TAG_MAX: usize = 300;

/// What ECR says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageEvent {
    /// It was pushed.
    Pushed(Push),
    /// Something else became of it, or the push failed: what, for people.
    Other(String),
}

/// Whether an event comes from a rule, in order or not.
pub fn is_of_a_rule(payload: &Value) -> bool {
    RULE.iter().any(|mark| payload.get(mark).is_some())
}

/// Reads an event of ECR.
///
/// # Guarantees
/// Only AWS may put events whose source begins with `aws.`; there is no ARN in them that could say something else. The event
/// has no `image-tag` where an image is pushed by digest alone, as those of single platforms are.
///
/// # Errors
/// What is wrong with it; nothing is done then.
///
/// # Source
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html>. Delivered on best effort.
pub fn image(payload: &Value) -> Result<ImageEvent, Undecodable> {
    EXPECTED.require(payload)?;
    decode(payload).map_err(|refusal| EXPECTED.advise(refusal))
}

fn decode(payload: &Value) -> Result<ImageEvent, Undecodable> {
    let event = Node::document("", payload);
    let source = event.field("source").text("the AWS service that tells of it")?;
    let kind = event.field("detail-type").text("what the event is about")?;
    if (source, kind) != ("aws.ecr", "ECR Image Action") {
        let found = format!("{} from {}", text::quoted(kind), text::quoted(source));
        return Err(EXPECTED.refuse(found, TAKEN));
    }
    let detail = event.field("detail");
    let action = detail.field("action-type").text("what was done, PUSH or DELETE")?;
    let result = detail.field("result").text("SUCCESS or FAILURE")?;
    if (action, result) != ("PUSH", "SUCCESS") {
        let (action, result) = (text::quoted(action), text::quoted(result));
        return Ok(ImageEvent::Other(format!("{action} of an image with result {result}")));
    }
    let repository = checked(&detail.field("repository-name"), "a repository's name", is_repository)?;
    let digest = checked(
        &detail.field("image-digest"),
        "sha256: and 64 hexadecimal digits",
        is_digest,
    )?;
    let tag = detail.field("image-tag");
    let tag = match tag.is_present() {
        true => Some(checked(&tag, "an image's tag", is_tag)?.to_owned()),
        false => None,
    };
    Ok(ImageEvent::Pushed(Push {
        account: checked(&event.field("account"), "the account, twelve digits", is_account)?.to_owned(),
        region: checked(&event.field("region"), "the region", is_code)?.to_owned(),
        repository: repository.to_owned(),
        digest: digest.to_owned(),
        tag,
        at: At::from_millis(event.field("time").instant()?.0),
    }))
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
fn is_repository(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/".contains(&byte);
    (2..=256).contains(&text.len()) && text.bytes().all(fits)
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_tag(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=TAG_MAX).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::{ImageEvent, image};
    use serde_json::{Value, json};

    fn whole() -> Value {
        json!({
            "version": "0", "id": "13cde686-328b-6117-af20-0e5566167482", "detail-type": "ECR Image Action",
            "source": "aws.ecr", "account": "111122223333", "time": "2026-11-21T03:12:03Z", "region": "eu-central-1",
            "resources": [],
            "detail": {
                "result": "SUCCESS", "repository-name": "team/orders", "action-type": "PUSH", "image-tag": "release-7",
                "image-digest": format!("sha256:{}", "2".repeat(64)),
            },
        })
    }

    #[test]
    fn a_push_says_what_where_and_when() {
        let Ok(ImageEvent::Pushed(push)) = image(&whole()) else {
            panic!()
        };
        assert_eq!(
            (push.account.as_str(), push.region.as_str()),
            ("111122223333", "eu-central-1")
        );
        assert_eq!(
            (push.repository.as_str(), push.tag.as_deref()),
            ("team/orders", Some("release-7"))
        );
        assert_eq!(push.at.to_string(), "2026-11-21T03:12:03Z");
        let mut untagged = whole();
        untagged["detail"].as_object_mut().unwrap().remove("image-tag");
        let Ok(ImageEvent::Pushed(push)) = image(&untagged) else {
            panic!()
        };
        assert_eq!(push.tag, None);
    }

    #[test]
    fn what_was_not_pushed_is_something_else() {
        for (field, value) in [
            ("action-type", "DELETE"),
            ("result", "FAILURE"),
            ("action-type", "REPLICATE"),
        ] {
            let mut event = whole();
            event["detail"][field] = json!(value);
            assert!(
                matches!(image(&event), Ok(ImageEvent::Other(what)) if what.contains(value)),
                "{value}"
            );
        }
    }

    #[test]
    fn a_mistake_names_its_place_and_the_way_out() {
        let long = "a".repeat(301);
        let cases = [
            ("/source", json!("aws.ec2"), "let the rule match"),
            ("/source", json!("com.example"), "let the rule match"),
            ("/detail-type", json!("ECR Image Scan"), "let the rule match"),
            ("/source", json!(7), "`source`"),
            ("/account", json!("1111"), "`account`"),
            ("/account", Value::Null, "`account`"),
            ("/region", json!("eu central"), "`region`"),
            ("/time", json!("yesterday"), "`time`"),
            ("/detail", json!([]), "`detail.action-type`"),
            ("/detail/result", Value::Null, "`detail.result`"),
            ("/detail/repository-name", json!("Orders"), "`detail.repository-name`"),
            ("/detail/repository-name", json!("o\nrders"), "`detail.repository-name`"),
            ("/detail/image-digest", json!("sha256:12"), "`detail.image-digest`"),
            ("/detail/image-digest", json!("latest"), "`detail.image-digest`"),
            ("/detail/image-tag", json!("a b"), "`detail.image-tag`"),
            ("/detail/image-tag", json!(""), "`detail.image-tag`"),
            ("/detail/image-tag", json!(long), "`detail.image-tag`"),
            ("/detail/image-tag", json!(["release-7"]), "`detail.image-tag`"),
        ];
        for (place, value, text) in cases {
            let mut event = whole();
            *event.pointer_mut(place).unwrap() = value.clone();
            let error = image(&event).unwrap_err().to_string();
            assert!(error.contains(text) && error.len() < 1_000, "{place} {value}: {error}");
        }
        let mut huge = whole();
        huge["detail"]["more"] = json!("x".repeat(300_000));
        let error = image(&huge).unwrap_err().to_string();
        assert!(error.contains("of which nothing was read"), "{error}");
        let mut half = whole();
        half.as_object_mut().unwrap().remove("detail");
        assert!(image(&half).unwrap_err().to_string().contains("events/ecr"));
    }
}
