//! Law 13: when a release closes, the weights of its load balancer's rule are at rest again, but where somebody else has
//! set others since; and law 18: nobody of ours gives the canary more than the step that it is in, one step after the
//! other, or weights that sum to nothing, or changes anything else of a rule, or another rule.
//!
//! At rest is what the rule had before anybody of ours changed it, or what the policy says.

use super::Verdict;
use super::evidence::{Evidence, Release, is_ours, text};
use super::ordered::skipped_steps;
use serde_json::{Map, Value};
use simulator::At;
use simulator::world::Call;

/// Weights of canary and stable.
pub(super) type Weights = (u64, u64);

/// Law 13.
pub fn at_rest(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(13, "a closed release leaves a load balancer's weights at rest");
    for release in evidence.releases.iter().filter(|release| rule(release).is_some()) {
        let handed = matches!(release.outcome(), Some("superseded" | "rollback_failed"));
        let Some(closed) = release.closed.filter(|_| !handed && !is_followed(evidence, release)) else {
            continue;
        };
        // Where they are left then is another law's matter.
        if evidence.has_swapped(release) {
            continue;
        }
        let all: Vec<&Call> = changes(evidence, release).filter(|call| call.at <= closed).collect();
        let begun = begun(evidence, release);
        let ours = |call: &&&Call| is_ours(call) && begun.is_some_and(|begun| call.at >= begun);
        let (Some(first), Some(last)) = (all.iter().find(ours), all.last()) else {
            continue;
        };
        // Whoever changed them last has them, and whoever deleted the rule.
        if !is_ours(last) || is_gone(evidence, release, closed) {
            continue;
        }
        verdict.applied += 1;
        let left = weights(release, sent(last));
        let found = found(evidence, release, first.at);
        let rests = release.frozen["traffic"]["resting_share_permille"].as_u64();
        let holds = match (rests, left) {
            (Some(rests), Some(left)) => is_share(left, rests),
            (None, left) => left.is_some() && left == found,
            (Some(_), None) => false,
        };
        if !holds {
            verdict.broken.push(format!(
                "{} closed at {closed} and left the weights {left:?}, which were {found:?} before {}",
                release.id(),
                first.at
            ));
        }
    }
    verdict
}

/// Law 18.
pub fn by_steps(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(
        18,
        "a load balancer gives the canary what its step allows, and nothing else changes",
    );
    for call in all_changes(evidence).filter(|call| is_ours(call)) {
        verdict.applied += 1;
        let arn = named(call);
        let mut open = evidence.releases.iter().filter(|release| {
            let opened = release.opened().is_some_and(|opened| opened <= call.at);
            rule(release) == Some(arn) && opened && release.closed.is_none_or(|closed| call.at <= closed)
        });
        let Some(release) = open.next() else {
            verdict
                .broken
                .push(format!("{}: {arn} is the rule of no open release", call.caller));
            continue;
        };
        if let Some(why) = beside_weights(evidence, release, call) {
            verdict.broken.push(format!("{} at {}: {why}", call.caller, call.at));
        }
        match weights(release, sent(call)) {
            Some((canary, stable)) if canary + stable > 0 => {}
            other => verdict
                .broken
                .push(format!("{}: weights {other:?} serve nobody", call.caller)),
        }
    }
    for release in evidence.releases.iter().filter(|release| rule(release).is_some()) {
        if let Some(why) = too_much(evidence, release) {
            verdict.broken.push(format!("{}: {why}", release.id()));
        }
    }
    verdict
}

/// Whether each step of the release follows the one before it, once that has baked. A person's word is that of somebody who
/// ordered something of this very release before.
fn too_much(evidence: &Evidence, release: &Release) -> Option<String> {
    let shape = Shape::of(evidence, release)?;
    let closed = release.closed.unwrap_or(evidence.now);
    let opened = release.opened()?;
    let shifts = changes(evidence, release).filter(|call| is_ours(call) && (opened..=closed).contains(&call.at));
    let taken_back = evidence.rollback_committed(release.id());
    let mut before: Option<(usize, At)> = None;
    for shift in shifts {
        // What serves nobody is told by itself.
        let Some(now) = weights(release, sent(shift)).filter(|(canary, stable)| canary + stable > 0) else {
            continue;
        };
        if taken_back.is_some_and(|back| back <= shift.at) && shape.is_more_than_at_rest(now) {
            return Some(format!("{now:?} at {}, while it was taken back", shift.at));
        }
        let step = shape.steps.iter().position(|(share, _)| is_share(now, *share));
        let Some(step) = step else {
            // Back to where it rests, or its group is put in with no weight.
            if now.0 > 0 && !shape.is_rest(now) {
                return Some(format!("{now:?} is the share of no step"));
            }
            before = None;
            continue;
        };
        if let Some(why) = shape.out_of_turn(evidence, release, (step, now), before, shift.at) {
            return Some(why);
        }
        if before.is_none_or(|(last, _)| last != step) {
            before = Some((step, shift.at));
        }
    }
    None
}

/// What a release may give, and where it rests.
struct Shape {
    /// Share in thousandths and minutes of each step.
    steps: Vec<(u64, i64)>,
    found: Weights,
    resting: Option<u64>,
    /// Whether the last step is the promotion.
    hands_over: bool,
}

impl Shape {
    /// Nothing, where none of us has changed the rule.
    fn of(evidence: &Evidence, release: &Release) -> Option<Shape> {
        let begun = begun(evidence, release)?;
        let mut ours = changes(evidence, release).filter(|call| is_ours(call) && call.at >= begun);
        let first = ours.next()?;
        let mut steps = steps(&release.frozen);
        if release.swaps() && steps.last().is_none_or(|(share, _)| *share < 1_000) {
            // The promotion is one step more.
            steps.push((1_000, 0));
        }
        Some(Shape {
            steps,
            // Whoever had not looked has nothing to go back to.
            found: found(evidence, release, first.at).unwrap_or((0, 1)),
            resting: release.frozen["traffic"]["resting_share_permille"].as_u64(),
            hands_over: release.swaps(),
        })
    }

    fn is_rest(&self, now: Weights) -> bool {
        now == self.found || self.resting.is_some_and(|share| is_share(now, share))
    }

    fn is_more_than_at_rest(&self, now: Weights) -> bool {
        match self.resting {
            Some(share) => now.0 * 1_000 > share * (now.0 + now.1),
            None => now.0 * (self.found.0 + self.found.1) > self.found.0 * (now.0 + now.1),
        }
    }

    /// Why a step may not be given at this moment.
    fn out_of_turn(
        &self,
        evidence: &Evidence,
        release: &Release,
        (step, now): (usize, Weights),
        before: Option<(usize, At)>,
        at: At,
    ) -> Option<String> {
        let rests_at = |step: usize| match self.resting {
            Some(share) => share == self.steps[step].0,
            None => is_share(self.found, self.steps[step].0),
        };
        let since = match before {
            Some((last, _)) if last == step => return None,
            Some((last, since)) if last + 1 == step => since,
            // What it has at rest it may be given back at any time.
            _ if self.is_rest(now) => return None,
            None if step == 0 => return None,
            // Nobody has to shift for a step that it has at rest: it bakes from when the canary runs the revision.
            None if rests_at(step - 1) => given(evidence, release)?,
            // Who approves or promotes answers for the rest of the bake, of all steps.
            _ if step + 1 == self.steps.len() && self.hands_over && is_let_go(evidence, release, at) => return None,
            _ => return Some(format!("step {step} came out of its turn at {at}")),
        };
        let due = since.plus_seconds(self.steps[step - 1].1 * 60);
        (at < due && !answered_for(evidence, release, step - 1, at))
            .then(|| format!("step {step} began at {at}, and the one before bakes from {since} until {due}"))
    }
}

/// Whether somebody had ordered before that this release goes on, or that it does not wait for this very step's bake.
fn answered_for(evidence: &Evidence, release: &Release, step: usize, at: At) -> bool {
    let own = evidence.orders.iter().filter(|order| order.accepted && order.at <= at);
    let own = own.filter(|order| order.release.as_deref() == Some(release.id()) && order.policy == release.policy);
    is_let_go(evidence, release, at) || skipped_steps(evidence, own).contains(&step)
}

/// Whether somebody had ordered before that nothing of its bake is waited for any more.
fn is_let_go(evidence: &Evidence, release: &Release, at: At) -> bool {
    let mut orders = evidence.orders.iter();
    orders.any(|order| {
        let own = order.release.as_deref() == Some(release.id()) && order.policy == release.policy;
        own && order.accepted && order.at <= at && ["approve", "promote"].contains(&order.kind.as_str())
    })
}

/// When the canary was given this release.
fn given(evidence: &Evidence, release: &Release) -> Option<At> {
    let run = evidence.world.runs.iter().find(|run| run.is_of(release))?;
    let canary = run.service(&run.row.canary);
    evidence.world.given(run, &canary).map(|write| write.at).next()
}

/// Whether whoever looked last before a moment was told that there is no such rule.
fn is_gone(evidence: &Evidence, release: &Release, at: At) -> bool {
    let asked = |call: &Call| {
        let named = [&call.input["RuleArns"], &call.input["ListenerArns"]];
        let reads = ["DescribeRules", "DescribeListeners"].contains(&call.operation.as_str());
        reads && named.iter().any(|arns| arns[0].as_str() == rule(release))
    };
    let mut looks = evidence.calls.iter().rev().filter(|call| call.at <= at);
    let last = looks.find(|call| asked(call));
    last.is_some_and(|call| {
        let refusal = call.outcome.as_ref().err();
        refusal.is_some_and(|refusal| {
            refusal.code.starts_with("RuleNotFound") || refusal.code.starts_with("ListenerNotFound")
        })
    })
}

/// Whether the weights were at rest again by a moment; nothing, where none of us had given the canary more before another
/// one, where somebody else has set them since, or where there is no rule any more.
pub(super) fn is_back(evidence: &Evidence, release: &Release, failed: At, by: At) -> Option<bool> {
    let shape = Shape::of(evidence, release)?;
    let last = |until: At| changes(evidence, release).filter(|call| call.at <= until).last();
    // What is done about it comes in the very same moment.
    let before = changes(evidence, release).filter(|call| call.at < failed).last();
    let had = before.filter(|call| is_ours(call))?;
    let gave = weights(release, sent(had)).filter(|(canary, stable)| canary + stable > 0)?;
    if !shape.is_more_than_at_rest(gave) {
        return None;
    }
    let left = last(by).filter(|call| is_ours(call) && !is_gone(evidence, release, by))?;
    let left = weights(release, sent(left)).filter(|(canary, stable)| canary + stable > 0);
    Some(left.is_some_and(|left| !shape.is_more_than_at_rest(left)))
}

/// Share in thousandths and minutes of each step.
fn steps(policy: &Value) -> Vec<(u64, i64)> {
    let linear = &policy["linear"];
    if let (Some(size), Some(minutes)) = (linear["step_permille"].as_u64(), linear["every_minutes"].as_i64()) {
        let until = linear["until_permille"].as_u64().unwrap_or(1_000);
        let count = until.div_ceil(size);
        return (1..=count).map(|step| ((step * size).min(until), minutes)).collect();
    }
    let written = policy["steps"].as_array().into_iter().flatten();
    written
        .filter_map(|step| Some((step["share_permille"].as_u64()?, step["bake_minutes"].as_i64()?)))
        .collect()
}

/// What a change did beside the two weights, by what was shown before it.
fn beside_weights(evidence: &Evidence, release: &Release, call: &Call) -> Option<String> {
    let before = shown(evidence, release, call.at)?;
    let (before, after) = (without_weights(release, before), without_weights(release, sent(call)));
    (before != after).then(|| format!("{before:?} became {after:?}"))
}

/// Actions as people would compare them: without our two groups, and without what says the same twice.
fn without_weights(release: &Release, actions: &Value) -> Vec<Value> {
    let actions = actions.as_array().cloned().unwrap_or_default();
    let ours = groups(release);
    let bare = |mut action: Value| {
        if let Some(members) = action.as_object_mut() {
            members.remove("TargetGroupArn");
            if let Some(oidc) = members.get_mut("AuthenticateOidcConfig").and_then(Value::as_object_mut) {
                oidc.remove("UseExistingClientSecret");
            }
            if let Some(config) = members.get_mut("ForwardConfig").and_then(Value::as_object_mut) {
                let groups = config.get_mut("TargetGroups").and_then(Value::as_array_mut);
                if let Some(groups) = groups {
                    groups.retain(|group| !ours.contains(&text(&group["TargetGroupArn"])));
                }
                let unset = |sticky: &Value| sticky["Enabled"] != true;
                if config.get("TargetGroupStickinessConfig").is_some_and(unset) {
                    config.remove("TargetGroupStickinessConfig");
                }
            } else if members.get("Type").is_some_and(|kind| kind == "forward") {
                members.insert(
                    "ForwardConfig".to_owned(),
                    Value::Object(Map::from_iter([("TargetGroups".to_owned(), Value::Array(Vec::new()))])),
                );
            }
        }
        action
    };
    actions.into_iter().map(bare).collect()
}

fn rule(release: &Release) -> Option<&str> {
    release.frozen["traffic"]["rule"].as_str()
}

/// The canary's target group, then stable's.
fn groups(release: &Release) -> [String; 2] {
    ["canary_target_group", "stable_target_group"].map(|group| text(&release.frozen["traffic"][group]))
}

fn is_share((canary, stable): Weights, permille: u64) -> bool {
    canary + stable > 0 && canary * 1_000 == permille * (canary + stable)
}

/// Every change of a rule, or of a listener's default action.
fn all_changes(evidence: &Evidence) -> impl Iterator<Item = &Call> {
    let calls = evidence.calls.iter().map(AsRef::as_ref);
    calls.filter(|call| matches!(call.operation.as_str(), "ModifyRule" | "ModifyListener") && call.outcome.is_ok())
}

pub(super) fn changes<'e>(evidence: &'e Evidence, release: &'e Release) -> impl Iterator<Item = &'e Call> {
    all_changes(evidence).filter(|call| rule(release) == Some(named(call)))
}

fn named(call: &Call) -> &str {
    let input = &call.input;
    input["RuleArn"]
        .as_str()
        .or(input["ListenerArn"].as_str())
        .unwrap_or_default()
}

pub(super) fn sent(call: &Call) -> &Value {
    match call.input.get("Actions") {
        Some(actions) => actions,
        None => &call.input["DefaultActions"],
    }
}

/// Of the action that forwards; a group that is not there has no weight.
pub(super) fn weights(release: &Release, actions: &Value) -> Option<Weights> {
    let mut actions = actions.as_array()?.iter();
    let forward = actions.find(|action| action["Type"] == "forward")?;
    let groups = groups(release);
    let listed = forward["ForwardConfig"]["TargetGroups"].as_array();
    let weight = |arn: &str| {
        let mut listed = listed.into_iter().flatten();
        let group = listed.find(|group| group["TargetGroupArn"] == arn);
        let alone = u64::from(listed_is_empty(forward) && forward["TargetGroupArn"] == arn);
        group.map_or(alone, |group| group["Weight"].as_u64().unwrap_or(1))
    };
    Some((weight(&groups[0]), weight(&groups[1])))
}

fn listed_is_empty(forward: &Value) -> bool {
    forward["ForwardConfig"]["TargetGroups"]
        .as_array()
        .is_none_or(Vec::is_empty)
}

/// The actions of its rule as they were shown last before a moment.
fn shown<'e>(evidence: &'e Evidence, release: &Release, at: At) -> Option<&'e Value> {
    let arn = rule(release)?;
    let mut shown = evidence.calls.iter().rev().filter(|call| call.at <= at);
    shown.find_map(|call| {
        let reply = call.outcome.as_ref().ok()?;
        let (list, name, actions) = match call.operation.as_str() {
            "DescribeRules" => ("Rules", "RuleArn", "Actions"),
            "DescribeListeners" => ("Listeners", "ListenerArn", "DefaultActions"),
            _ => return None,
        };
        let found = reply[list].as_array()?.iter().find(|found| found[name] == arn)?;
        Some(&found[actions])
    })
}

/// What the rule had before one of us first changed it; where somebody else had changed it since the release began, what
/// it had before that. Somebody may have given the canary more while the release before was taken back: what that one
/// knew to be at rest is still where it belongs.
fn found(evidence: &Evidence, release: &Release, first: At) -> Option<Weights> {
    let begun = begun(evidence, release)?;
    let mut since = changes(evidence, release).filter(|call| (begun..=first).contains(&call.at));
    let changed = since.next().map_or(first, |call| call.at);
    let found = weights(release, shown(evidence, release, changed)?)?;
    let is_less = |rest: &Weights| rest.0 * (found.0 + found.1) < found.0 * (rest.0 + rest.1);
    Some(handed_on(evidence, release, begun).filter(is_less).unwrap_or(found))
}

/// What the rule had before somebody else changed it, while a release was taken back that ended in the very moment in
/// which this one began: it is handed on to whoever was held until then.
fn handed_on(evidence: &Evidence, release: &Release, begun: At) -> Option<Weights> {
    let mut others = evidence.releases.iter();
    let before = others.find(|other| {
        let own = other.policy == release.policy && rule(other) == rule(release);
        let ended = other
            .closed
            .is_some_and(|closed| (begun..=begun.plus_seconds(1)).contains(&closed));
        own && other.id() != release.id() && ended
    })?;
    let back = evidence.rollback_committed(before.id())?;
    let run: Vec<&Call> = changes(evidence, release)
        .filter(|call| (back..=begun).contains(&call.at))
        .collect();
    let theirs = run.iter().rposition(|call| is_ours(call)).map_or(0, |place| place + 1);
    let rest = weights(release, shown(evidence, release, run.get(theirs)?.at)?)?;
    (rest.0 + rest.1 > 0).then_some(rest)
}

/// When the first of those releases began that this one has taken the place of, one after the other.
pub(super) fn begun(evidence: &Evidence, release: &Release) -> Option<At> {
    let followed = |by: &str| {
        let mut others = evidence.releases.iter();
        others.find(|other| other.id() != by && other.document["outcome"]["by"] == by)
    };
    let mut first = release;
    // No release follows itself; so many never followed one another.
    for _ in 0..evidence.releases.len() {
        first = followed(first.id()).unwrap_or(first);
    }
    first.opened()
}

/// Whether another release takes over what this one had changed.
fn is_followed(evidence: &Evidence, release: &Release) -> bool {
    let mut others = evidence.releases.iter().filter(|other| other.policy == release.policy);
    others
        .any(|other| other.id() != release.id() && other.opened().is_some_and(|opened| Some(opened) == release.closed))
}
