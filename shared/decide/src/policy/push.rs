//! Which pushes to ECR start a release.

use super::Mistake;
use super::form::{Form, Piece};
use super::table::{Field, Kind, PATH_PART, required};
use Piece::{Again, Either, Exactly, Many};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which pushes to ECR start a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartsOnPush {
    /// Name of the repository, in the policy's account and region.
    pub repository: String,
    /// Tags that count; `*` stands for any characters, or none.
    pub tag_pattern: String,
}

pub(super) static STARTS_ON_PUSH: &[Field] = &[
    required(
        "repository",
        Kind::Text(&REPOSITORY_NAME),
        "Name of the repository, in the policy's account and region.",
    ),
    required(
        "tag_pattern",
        Kind::Text(&TAG_PATTERN),
        "Tags that count, as ECR's lifecycle policies write them: * stands for any characters, or none.",
    ),
];

/// # Source
/// Amazon ECR API Reference, CreateRepository `repositoryName`: at most 256 characters.
static REPOSITORY_NAME: Form = Form {
    says: "a repository's name as in orders or team/orders, without registry, tag and digest",
    pieces: &[Either(&[PATH_PART]), Again(&[Exactly("/"), Either(&[PATH_PART])])],
    characters_max: 256,
    begins_not_with: "",
};

/// # Source
/// Amazon ECR User Guide, "Lifecycle policy properties", `tagPatternList`; a tag has at most 128 characters of these.
static TAG_PATTERN: Form = Form {
    says: "a tag, or a pattern of tags as in release-*: 1 to 128 of A-Z a-z 0-9 . _ - *",
    pieces: &[Many("A-Za-z0-9._*-")],
    characters_max: 128,
    begins_not_with: "",
};

/// Behind a push there is no execution, and a pipeline's build pushes what the pipeline goes on to deploy itself.
pub(super) fn starts_what_serin_gives(document: &Value, mistakes: &mut Vec<Mistake>) {
    if document.get("starts_on_push").is_none() {
        return;
    }
    if document.get("pipeline").is_some() {
        mistakes.push(Mistake::new(
            "starts_on_push",
            "stands beside pipeline, whose build pushes what the pipeline deploys: it would be released twice; leave one of \
             the two out",
        ));
    } else if document["promotion"] == "pipeline" {
        mistakes.push(Mistake::new(
            "starts_on_push",
            "needs \"promotion\": \"roll_stable\" or \"swap\": behind a push there is no pipeline that could give stable anything",
        ));
    }
}

impl StartsOnPush {
    /// Whether a tag counts.
    pub fn matches(&self, tag: &str) -> bool {
        let mut parts = self.tag_pattern.split('*');
        let Some(mut rest) = parts.next().and_then(|head| tag.strip_prefix(head)) else {
            return false;
        };
        let mut parts: Vec<&str> = parts.collect();
        let Some(tail) = parts.pop() else {
            return rest.is_empty();
        };
        for part in parts {
            match rest.find(part) {
                Some(place) => rest = &rest[place + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(tail)
    }
}

#[cfg(test)]
mod tests {
    use super::StartsOnPush;
    use crate::Policy;
    use serde_json::{Value, json};

    #[test]
    fn a_star_stands_for_any_characters_or_none() {
        let cases = [
            ("v1", "v1", true),
            ("v1", "v10", false),
            ("v1", "", false),
            ("*", "", true),
            ("*", "latest", true),
            ("v*", "v", true),
            ("v*", "v1.2", true),
            ("v*", "rev1", false),
            ("*-prod", "7-prod", true),
            ("*-prod", "7-prod-2", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("r*-x*-y", "r1-x2-y", true),
            ("r*-x*-y", "r1-y2-x", false),
            ("**", "a", true),
            ("ab*bc", "abc", false),
        ];
        for (pattern, tag, expected) in cases {
            let starts = StartsOnPush {
                repository: "orders".to_owned(),
                tag_pattern: pattern.to_owned(),
            };
            assert_eq!(starts.matches(tag), expected, "{pattern} {tag}");
        }
    }

    #[test]
    fn a_push_starts_only_what_serin_promotes_itself() {
        let policy = |change: fn(&mut Value)| {
            let mut document = json!({
                "name": "orders", "two_services": {"cluster": "c", "stable": "s", "canary": "t"},
                "traffic": {"kind": "consumer_share", "tasks_max": 40},
                "steps": [{"share_permille": 250, "bake_minutes": 10}],
                "checks": [{"kind": "health", "failed_tasks_max": 2}],
                "approval": "automatic", "promotion": "roll_stable", "watch_minutes": 10, "on_new_release": "hold",
                "rollback": "allowed", "starts_on_push": {"repository": "team/orders", "tag_pattern": "release-*"},
            });
            change(&mut document);
            Policy::read(&document.to_string())
        };
        let read = policy(|_| {}).unwrap();
        let frozen = serde_json::to_value(&read).unwrap();
        assert_eq!(serde_json::from_value::<Policy>(frozen).unwrap(), read);
        assert_eq!(read.starts_on_push.unwrap().repository, "team/orders");
        type Case = (fn(&mut Value), &'static str, &'static str);
        let cases: [Case; 6] = [
            (
                |d| d["pipeline"] = json!({"name": "orders"}),
                "starts_on_push",
                "released twice",
            ),
            (
                |d| {
                    d["promotion"] = json!("pipeline");
                    d["approval"] = json!("pipeline");
                },
                "starts_on_push",
                "roll_stable",
            ),
            (
                |d| d["starts_on_push"]["repository"] = json!("Orders"),
                "starts_on_push.repository",
                "without registry",
            ),
            (
                |d| d["starts_on_push"]["repository"] = json!("1.dkr.ecr.eu-west-1.amazonaws.com/orders:v1"),
                "starts_on_push.repository",
                "without registry",
            ),
            (
                |d| d["starts_on_push"]["tag_pattern"] = json!("release-?"),
                "starts_on_push.tag_pattern",
                "a pattern of tags",
            ),
            (
                |d| drop(d["starts_on_push"].as_object_mut().unwrap().remove("tag_pattern")),
                "starts_on_push.tag_pattern",
                "is missing",
            ),
        ];
        for (change, field, text) in cases {
            let mistakes = policy(change).unwrap_err();
            assert!(
                mistakes.len() == 1 && mistakes[0].field == field && mistakes[0].text.contains(text),
                "{mistakes:?}"
            );
        }
    }
}
