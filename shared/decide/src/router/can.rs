//! What each of them can do: asked wherever something depends on that, so that a further one has to answer.

use super::{alb, consumer_share};
use crate::policy::Traffic;
use serde::Deserialize;
use serde_json::Value;

/// What a traffic router can do, whatever a policy asks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Can {
    /// How the canary has its share.
    pub by: SharesBy,
    /// Whether both services can exchange their roles; else why not.
    pub exchanges: Result<(), &'static str>,
    /// Whether a policy can say which share the canary has while nothing is released; else it is what was found.
    pub rests_at_a_share: bool,
}

/// What a share follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharesBy {
    /// The numbers of tasks: stable keeps its own, and there are no parts of a task.
    Tasks,
    /// Weights that somebody else forwards by: one side can have everything, and numbers of tasks share nothing.
    Weights,
}

/// Which of them a policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    ConsumerShare,
    Alb,
}

impl Kind {
    fn of(traffic: &Traffic) -> Kind {
        match traffic {
            Traffic::ConsumerShare { .. } => Kind::ConsumerShare,
            Traffic::Alb(_) => Kind::Alb,
        }
    }

    fn can(self) -> Can {
        match self {
            Kind::ConsumerShare => consumer_share::CAN,
            Kind::Alb => alb::CAN,
        }
    }
}

/// What the one that a policy names can do.
pub fn can(traffic: &Traffic) -> Can {
    Kind::of(traffic).can()
}

/// The same for a document that may be wrong elsewhere; nothing where it names none.
pub fn can_as_written(document: &Value) -> Option<Can> {
    let kind = Kind::deserialize(document.pointer("/traffic/kind")?).ok()?;
    Some(kind.can())
}

#[cfg(test)]
mod tests {
    use super::{Can, SharesBy, can, can_as_written};
    use crate::policy::tests::traffic_kinds;
    use crate::policy::{Alb, Traffic};
    use serde_json::{Value, json};

    #[test]
    fn what_each_can_do() {
        let alb = Alb {
            rule: String::new(),
            stable_target_group: String::new(),
            canary_target_group: String::new(),
            resting_share_permille: None,
        };
        // Kind, by what, whether roles are exchanged, whether it rests at a share that is written.
        let cases = [
            (
                "consumer_share",
                Traffic::ConsumerShare { tasks_max: 2 },
                SharesBy::Tasks,
                false,
                false,
            ),
            ("alb", Traffic::Alb(alb), SharesBy::Weights, true, true),
        ];
        for (kind, traffic, by, exchanges, rests) in &cases {
            let answer = can(traffic);
            let Can {
                by: answered,
                exchanges: told,
                rests_at_a_share,
            } = answer;
            assert_eq!(
                (answered, told.is_ok(), rests_at_a_share),
                (*by, *exchanges, *rests),
                "{kind}"
            );
            let written = serde_json::to_value(traffic).unwrap();
            assert_eq!(written["kind"], *kind);
            assert_eq!(can_as_written(&json!({"traffic": written})), Some(answer), "{kind}");
        }
        // None is left out, and the field that a share at rest is written in is there for whom it is.
        let table: Vec<(&str, bool)> = traffic_kinds();
        assert_eq!(table, cases.map(|(kind, _, _, _, rests)| (kind, rests)));
    }

    #[test]
    fn a_document_that_names_none_is_told_nothing_of_what_it_can_do() {
        let none = [
            json!({}),
            json!({"traffic": null}),
            json!({"traffic": {"kind": 3}}),
            json!({"traffic": {"kind": "Alb"}}),
            json!({"traffic": {"kind": "codedeploy"}}),
            json!([]),
            Value::Null,
        ];
        for document in none {
            assert_eq!(can_as_written(&document), None, "{document}");
        }
        // Whatever else is wrong with it.
        let wrong = json!({"traffic": {"kind": "consumer_share", "tasks_max": "forty"}});
        assert_eq!(can_as_written(&wrong).map(|can| can.by), Some(SharesBy::Tasks));
    }
}
