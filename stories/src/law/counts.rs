//! What the workers of each revision have counted, minute by minute, as CloudWatch has it in the end.

use super::evidence::{Evidence, Release, text};
use super::metric;
use super::world::{Run, service_arn, short};
use crate::Stage;
use serde_json::{Value, json};
use simulator::At;
use simulator::ecs::{Ran, RanAt};
use std::collections::{BTreeMap, BTreeSet};

/// How long after its end a minute may not be known yet to whoever asks.
pub const LAG_SECONDS: i64 = 3 * 60;

/// How long a service may take until all its tasks run what it was given.
const ROLLOUT_SECONDS: i64 = 5 * 60;

/// What a revision counted in some minutes; nothing where there is no datum at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Messages that failed.
    pub failed: Option<u64>,
    /// All messages.
    pub total: Option<u64>,
}

/// Counts by policy and `family:revision`.
#[derive(Clone, Debug, Default)]
pub struct Counts(BTreeMap<(String, String), BTreeMap<At, Sum>>);

/// The first check of a policy that compares, if one does.
pub fn comparison(policy: &Value) -> Option<&Value> {
    let checks = policy["checks"].as_array()?;
    checks.iter().find(|check| check["kind"] == "compare")
}

impl Sum {
    /// Both together.
    fn and(self, other: Sum) -> Sum {
        let add = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        Sum {
            failed: add(self.failed, other.failed),
            total: add(self.total, other.total),
        }
    }
}

impl Counts {
    /// Asks CloudWatch for everything that any revision of a policy's services has counted.
    pub(super) fn of(stage: &Stage, timeline: &[RanAt]) -> Counts {
        let mut counts = Counts::default();
        for (name, policy) in &stage.policies {
            let (Some(check), Some(row)) = (comparison(policy), stage.rows.get(name)) else {
                continue;
            };
            let services = [&row.canary, &row.name].map(|service| service_arn(&row.cluster, service));
            let ran = timeline.iter().filter(|task| services.contains(&task.service));
            let definitions: BTreeSet<&str> = ran.map(|task| task.task_definition.as_str()).collect();
            for definition in definitions {
                let revision = short(definition);
                let minutes = minutes(stage, &check["metric"], revision);
                counts.0.insert((name.clone(), revision.to_owned()), minutes);
            }
        }
        counts
    }

    /// What a revision counted in the minutes that begin in a span.
    pub fn within(&self, policy: &str, definition: &str, from: At, until: At) -> Sum {
        let minutes = self.0.get(&(policy.to_owned(), short(definition).to_owned()));
        let minutes = minutes.into_iter().flat_map(|minutes| minutes.range(from..until));
        minutes.fold(Sum::default(), |sum, (_, minute)| sum.and(*minute))
    }

    /// What canary and stable of a release counted before a moment, as far back as its policy looks and somewhat further;
    /// nothing of a canary that turned out to be somebody else's.
    pub fn before(&self, policy: &str, check: &Value, release: &Release, at: At) -> [Sum; 2] {
        let window = check["window_minutes"].as_i64().unwrap_or_default() * 60;
        self.since(policy, release, at.plus_seconds(-window - LAG_SECONDS), at)
    }

    /// What canary and stable of a release counted in the minutes that begin in a span.
    pub fn since(&self, policy: &str, release: &Release, from: At, at: At) -> [Sum; 2] {
        let canary = text(&release.document["canary"]["given"]["task_definition"]);
        // Whatever stable ran in that time: what the release calls its baseline by now may be younger.
        let family = format!("{}:", text(&release.document["stable"]["name"]));
        let ran = self
            .0
            .keys()
            .filter(|(of, revision)| of == policy && revision.starts_with(&family));
        let stable = ran.fold(Sum::default(), |sum, (_, revision)| {
            sum.and(self.within(policy, revision, from, at))
        });
        [self.within(policy, &canary, from, at), stable]
    }
}

fn minutes(stage: &Stage, metric: &Value, revision: &str) -> BTreeMap<At, Sum> {
    let mut minutes: BTreeMap<At, Sum> = BTreeMap::new();
    for (at, value) in points(stage, metric, "failed", revision) {
        minutes.entry(at).or_default().failed = Some(value);
    }
    for (at, value) in points(stage, metric, "total", revision) {
        minutes.entry(at).or_default().total = Some(value);
    }
    minutes
}

fn points(stage: &Stage, metric: &Value, which: &str, revision: &str) -> Vec<(At, u64)> {
    let counted = json!({
        "Namespace": metric["namespace"], "MetricName": metric[which],
        "Dimensions": [{"Name": metric["dimension"], "Value": revision}],
    });
    metric::minutes(stage, &counted, "Sum")
}

/// Longest invocation of a function of ours.
const LOOK_SECONDS: i64 = 60;

impl Evidence {
    /// When a release of an execution was taken back for what was compared, where CloudWatch knows of failures that its
    /// canary had by then.
    pub fn told_by_comparison(&self, run: &Run) -> Option<At> {
        let check = comparison(&run.document)?;
        let compared = |release: &&Release| self.cause_of(release)["cause"] == "compare";
        let mut taken_back = run.releases(self).filter(compared);
        taken_back.find_map(|release| {
            let at = self.rollback_committed(release.id())?;
            let [canary, _] = self.counts.before(&run.policy, check, release, at);
            // It was told by a look, which comes before what is written down of it; both are of one invocation.
            canary
                .failed
                .filter(|failed| *failed > 0)
                .map(|_| at.plus_seconds(-LOOK_SECONDS))
        })
    }

    /// Until when the canary alone answers for what its execution gave it.
    pub(super) fn judged_until(&self, run: &Run, armed: At) -> At {
        let canary = run.service(&run.row.canary);
        let ends = [
            self.world.taken_over(run, &canary),
            self.world.carried(run),
            self.over(run),
            self.world.sent_back(&canary).into_iter().find(|at| *at >= armed),
        ];
        ends.into_iter().flatten().fold(self.now, At::min)
    }

    /// When a canary had failed at least half of its messages throughout what its policy looks back to, and stable not one
    /// in a hundred, before its execution gave stable anything. The rules go by another measure; nobody could call this good.
    pub fn compared_badly(&self, run: &Run) -> Option<At> {
        let check = comparison(&run.document)?;
        let answers = self.answers_from(run).is_some() && !self.came_after_its_canary(run);
        let armed = self.world.armed(run).filter(|_| answers)?;
        let [canary, stable] = run.services();
        let given = self.world.given(run, &canary).find(|write| write.at >= armed)?;
        let mut started = self.timeline.iter().rev();
        let baseline = started.find(|task| task.service == stable && task.at <= armed && task.ran == Ran::Started)?;
        let until = self.judged_until(run, armed);
        let window = check["window_minutes"].as_i64()? * 60;
        let least = check["total_min"].as_u64()?;
        let mut from = armed.plus_seconds(ROLLOUT_SECONDS);
        while from.plus_seconds(window + LAG_SECONDS) <= until {
            let end = from.plus_seconds(window);
            let did = |definition: &str| self.counts.within(&run.policy, definition, from, end);
            let (bad, good) = (did(&given.definition), did(&baseline.task_definition));
            if let (Some(bad_failed), Some(bad_total), Some(good_failed), Some(good_total)) =
                (bad.failed, bad.total, good.failed, good.total)
                && bad_total.min(good_total) >= least
                && bad_failed * 2 >= bad_total
                && good_failed * 100 < good_total
            {
                return Some(end.plus_seconds(LAG_SECONDS));
            }
            from = from.plus_seconds(60);
        }
        None
    }
}
