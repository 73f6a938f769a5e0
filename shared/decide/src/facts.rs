//! What was learned from outside, and which of it a release keeps: where there is no room for more, and where the next
//! release takes its place.

use crate::notice::FAILING;
use crate::{At, Gate, Ordered, Policy, Release};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something learned that must not be lost, whoever is deciding at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// An alarm went to ALARM, and its actions were neither suppressed nor muted.
    Alarm {
        /// Alarm ARN.
        arn: String,
        /// Alarm name.
        name: String,
        /// When it did, by CloudWatch's clock.
        since: At,
        /// CloudWatch's reason, bounded and escaped.
        reason: String,
    },
    /// An alarm went to ALARM while it was muted or its actions were suppressed: that transition counts for nothing.
    Muted {
        /// Alarm ARN.
        arn: String,
        /// Alarm name.
        name: String,
        /// When it did, by CloudWatch's clock.
        since: At,
    },
    /// ECS refused a task definition because it is INACTIVE.
    Inactive {
        /// Its ARN.
        task_definition: String,
    },
    /// ECS does not let a deployment in flight be stopped, so the service is given its baseline instead.
    Unstoppable {
        /// ARN of the service deployment.
        service_deployment: String,
    },
    /// A copy was registered of a definition that can no longer be used.
    Prepared {
        /// The definition that cannot be used.
        instead_of: String,
        /// Its copy.
        task_definition: String,
    },
    /// An action of ours in the pipeline waits for the ledger's word.
    Asked {
        /// What it asks for.
        gate: Gate,
        /// Id of the execution that it holds.
        execution: String,
    },
    /// Stable's own definition was registered with the images that the canary runs.
    Promotes {
        /// ARN of what was registered.
        task_definition: String,
    },
    /// The canary's own definition was registered with the images that an explicit start names.
    Deploys {
        /// ARN of what was registered.
        task_definition: String,
    },
    /// A manual approval asked Serin, by the message that its action sent.
    ApprovalAsked {
        /// Stage name.
        stage: String,
        /// Action name.
        action: String,
        /// Marks its token.
        token: String,
        /// When CodePipeline gives it up.
        expires: At,
    },
    /// A person ordered something of this very release.
    Order(Ordered),
    /// People were told something.
    Noticed {
        /// Which notice; see [`crate::Notice::key`].
        notice: String,
        /// When.
        since: At,
    },
    /// CodePipeline no longer takes an approval token.
    TokenSpent {
        /// First eight characters of the token: enough to tell it apart, too little to answer with.
        token: String,
    },
}

/// Enough of a token to tell it apart, too little to answer with.
pub fn token_mark(token: &str) -> String {
    token.chars().take(8).collect()
}

impl Fact {
    /// Under which it is merged: the same fact twice has the same key.
    pub fn key(&self) -> String {
        match self {
            Fact::Alarm { arn, since, .. } => format!("alarm {arn} {}", since.millis()),
            Fact::Muted { arn, since, .. } => format!("muted {arn} {}", since.millis()),
            Fact::Inactive { task_definition } => format!("inactive {task_definition}"),
            Fact::Unstoppable { service_deployment } => format!("unstoppable {service_deployment}"),
            Fact::Prepared { instead_of, .. } => format!("prepared {instead_of}"),
            Fact::Asked { gate, execution } => format!("asked {gate} {execution}"),
            Fact::Promotes { task_definition } => format!("promotes {task_definition}"),
            Fact::Deploys { task_definition } => format!("deploys {task_definition}"),
            Fact::ApprovalAsked {
                stage, action, token, ..
            } => format!("approval {stage}/{action} {token}"),
            Fact::Order(ordered) => format!("order {}", ordered.id),
            Fact::Noticed { notice, .. } => format!("noticed {notice}"),
            Fact::TokenSpent { token } => format!("token {token}"),
        }
    }
}

/// Two times of one transition differ by no more than this.
pub(crate) const SAME_MILLIS: i64 = 1_000;

/// A transition of an alarm, as a fact holds it.
struct Transition<'a> {
    key: &'a str,
    since: At,
    muted: bool,
}

impl Fact {
    /// ARN of the alarm and time of its transition, where it is about one.
    fn transition(&self) -> Option<(&str, At)> {
        match self {
            Fact::Alarm { arn, since, .. } | Fact::Muted { arn, since, .. } => Some((arn, *since)),
            Fact::Inactive { .. }
            | Fact::Unstoppable { .. }
            | Fact::Prepared { .. }
            | Fact::Asked { .. }
            | Fact::Promotes { .. }
            | Fact::Deploys { .. }
            | Fact::ApprovalAsked { .. }
            | Fact::Order(_)
            | Fact::Noticed { .. }
            | Fact::TokenSpent { .. } => None,
        }
    }

    /// Whether there may be any number of its kind: an alarm that flaps for a night brings hundreds.
    pub fn may_flood(&self) -> bool {
        self.transition().is_some()
    }
}

impl Release {
    /// Key of the fact that is missed least where there is no room for another; none, where none may go.
    ///
    /// It is the oldest transition of the alarm that has the most, of that very alarm where two have as many. The last
    /// one of an alarm stays, as does what mutes a transition that is there: without it, that one would count.
    pub fn least_missed(&self, coming: &Fact) -> Option<String> {
        let mut alarms: BTreeMap<&str, Vec<Transition<'_>>> = BTreeMap::new();
        for (key, fact) in &self.facts {
            if let Some((arn, since)) = fact.transition() {
                let muted = matches!(fact, Fact::Muted { .. });
                alarms.entry(arn).or_default().push(Transition { key, since, muted });
            }
        }
        alarms.retain(|_, transitions| transitions.len() > 1);
        let own = coming.transition().map(|(arn, _)| arn);
        let most = alarms.iter().max_by_key(|(arn, all)| (all.len(), own == Some(**arn)));
        let Some((_, transitions)) = most else {
            return self.said_before();
        };
        let oldest = transitions.iter().min_by_key(|transition| transition.since)?;
        let unmuted = transitions
            .iter()
            .filter(|_| oldest.muted)
            .find(|other| !other.muted && is_same(oldest.since, other.since));
        Some(unmuted.unwrap_or(oldest).key.to_owned())
    }

    /// What was said long ago of a rollback that fails and fails: only the last time counts.
    fn said_before(&self) -> Option<String> {
        let (last, _) = self.told_of_failing()?;
        let failing = self.facts.iter().filter_map(|(key, fact)| match fact {
            Fact::Noticed { notice, since } if notice.starts_with(FAILING) && key != last => Some((*since, key)),
            _ => None,
        });
        failing.min().map(|(_, key)| key.clone())
    }

    /// Forgets what the release before has learned and what is nothing to this one.
    pub(crate) fn keep_what_concerns(&mut self, policy: &Policy) {
        let mut facts = std::mem::take(&mut self.facts);
        facts.retain(|_, fact| self.is_concerned(policy, fact));
        self.facts = facts;
    }

    fn is_concerned(&self, policy: &Policy, fact: &Fact) -> bool {
        let goes_back_to = |arn: &String| [&self.canary.restore, &self.stable.restore].contains(&arn);
        match fact {
            // Until something is given, nobody can tell what is stale; from then on what came before is.
            Fact::Alarm { arn, since, .. } => self.guarded_by(policy, arn) && self.judges_from(*since),
            Fact::Muted { arn, since, .. } => {
                let latest = At::from_millis(since.millis() + SAME_MILLIS);
                self.guarded_by(policy, arn) && self.judges_from(latest)
            }
            Fact::Inactive { task_definition } => goes_back_to(task_definition),
            Fact::Prepared { instead_of, .. } => goes_back_to(instead_of),
            // Of the execution and the images of the release before, and what was ordered of that very one.
            Fact::Order(_)
            | Fact::Unstoppable { .. }
            | Fact::Asked { .. }
            | Fact::Promotes { .. }
            | Fact::Deploys { .. }
            | Fact::ApprovalAsked { .. }
            | Fact::Noticed { .. } => false,
            Fact::TokenSpent { token } => self
                .barred
                .iter()
                .filter_map(|run| run.approval.as_ref())
                .any(|approval| crate::token_mark(&approval.token) == *token),
        }
    }

    /// Whether a transition of that time may say something about this release, or about the one it still watches.
    fn judges_from(&self, since: At) -> bool {
        let watched = self.watched.as_ref();
        let watched = watched.and_then(|watched| watched.canary.given.as_ref().or(watched.stable.given.as_ref()));
        let first = watched.or(self.armed());
        first.is_none_or(|given| since >= given.created)
    }
}

/// Whether these may be two times of one transition.
pub(crate) fn is_same(one: At, other: At) -> bool {
    (one.millis() - other.millis()).abs() <= SAME_MILLIS
}

#[cfg(test)]
mod tests {
    use crate::testing::{alarm_arn, alarm_fact, approval, armed, arn, at, opened, policy, watching, with_fact};
    use crate::{At, Fact, Release, token_mark};

    fn other_arn() -> String {
        alarm_arn().replace("dlq", "latency")
    }

    fn muted(arn: &str, since: At) -> Fact {
        Fact::Muted {
            arn: arn.to_owned(),
            name: "dlq".to_owned(),
            since,
        }
    }

    fn told(facts: &[Fact]) -> Release {
        facts.iter().cloned().fold(armed(), with_fact)
    }

    #[test]
    fn what_goes_for_want_of_room_is_the_oldest_flap_and_never_what_still_counts() {
        let (dlq, latency) = (alarm_arn(), other_arn());
        let flap = |seconds| alarm_fact(&dlq, at(seconds));
        let slow = |seconds| alarm_fact(&latency, at(seconds));
        let inactive = || Fact::Inactive {
            task_definition: arn("orders", 1),
        };
        let cases: [(&str, Vec<Fact>, Fact, Option<Fact>); 10] = [
            (
                "the oldest of that alarm",
                vec![flap(-30), flap(-20), slow(-40), slow(-50)],
                flap(-10),
                Some(flap(-30)),
            ),
            (
                "a new alarm: of the one with the most",
                vec![flap(-30), flap(-20), flap(-5)],
                slow(-10),
                Some(flap(-30)),
            ),
            (
                "an alarm with a few: of the one with the most",
                vec![slow(-60), slow(-50), flap(-30), flap(-20), flap(-5)],
                slow(-10),
                Some(flap(-30)),
            ),
            (
                "an alarm with one: of the one with the most",
                vec![slow(-40), flap(-30), flap(-20)],
                slow(-10),
                Some(flap(-30)),
            ),
            (
                "no alarm at all",
                vec![flap(-30), flap(-20), inactive()],
                inactive(),
                Some(flap(-30)),
            ),
            ("the last of each stays", vec![flap(-30), slow(-20)], flap(-10), None),
            ("nothing but others", vec![inactive()], flap(-10), None),
            (
                "muted transitions are flaps too",
                vec![muted(&dlq, at(-30)), flap(-20)],
                flap(-10),
                Some(muted(&dlq, at(-30))),
            ),
            (
                "not what mutes one that is there, but that one",
                vec![
                    muted(&dlq, at(-30)),
                    alarm_fact(&dlq, At::from_millis(at(-30).millis() + 700)),
                    flap(-20),
                ],
                flap(-10),
                Some(alarm_fact(&dlq, At::from_millis(at(-30).millis() + 700))),
            ),
            (
                "one that came late is no reason to lose the last",
                vec![muted(&dlq, at(-1)), flap(-20), slow(-40)],
                flap(-90),
                Some(flap(-20)),
            ),
        ];
        for (case, facts, coming, expected) in cases {
            let key = told(&facts).least_missed(&coming);
            assert_eq!(key, expected.map(|fact| fact.key()), "{case}");
        }
    }

    #[test]
    fn a_successor_knows_only_what_concerns_it() {
        let dlq = alarm_arn();
        let spent = |token: &str| Fact::TokenSpent {
            token: token_mark(token),
        };
        let inactive = |revision| Fact::Inactive {
            task_definition: arn("orders", revision),
        };
        let mut barring = armed();
        barring.barred = barring.pipeline.iter().cloned().collect();
        barring.barred[0].approval = Some(approval());
        let mut watched = armed();
        watched.watched = Some(crate::Watched {
            release: "before".to_owned(),
            until: at(2_000),
            canary: watching().canary,
            stable: watching().stable,
            images: None,
        });
        watched.canary.given.as_mut().unwrap().created = at(300);
        let just_before = At::from_millis(at(0).millis() - 900);
        let cases = [
            (
                "an alarm since its canary was given something",
                armed(),
                alarm_fact(&dlq, at(0)),
                true,
            ),
            ("an alarm before", armed(), alarm_fact(&dlq, just_before), false),
            (
                "what mutes it may be a second off",
                armed(),
                muted(&dlq, just_before),
                true,
            ),
            ("what muted one before", armed(), muted(&dlq, at(-2)), false),
            (
                "nothing given yet, so nobody can tell",
                opened(),
                alarm_fact(&dlq, at(-600)),
                true,
            ),
            (
                "the watch of the release before runs on in it",
                watched,
                alarm_fact(&dlq, at(100)),
                true,
            ),
            (
                "an alarm that its policy does not name",
                armed(),
                alarm_fact(&other_arn(), at(1)),
                false,
            ),
            ("its way back cannot be used", armed(), inactive(1), true),
            ("something else cannot be used", armed(), inactive(9), false),
            (
                "a token of an execution before it",
                barring.clone(),
                spent(&approval().token),
                true,
            ),
            ("some other token", barring, spent("deadbeef-0000"), false),
            (
                "a deployment of the release before",
                armed(),
                Fact::Unstoppable {
                    service_deployment: "deployment/1".to_owned(),
                },
                false,
            ),
        ];
        for (case, release, fact, kept) in cases {
            let mut release = with_fact(release, fact);
            release.keep_what_concerns(&policy());
            assert_eq!(release.facts.len() == 1, kept, "{case}");
        }
    }
}
