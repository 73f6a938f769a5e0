//! Is the pipeline cut so that a canary can come first, and can it be held?

use super::{Action, Does, Findings, Found, Pipeline, Weight};
use crate::Policy;
use crate::gate::promotes_too_late;
use crate::opening::{Shape, misplaced, unsound};
use crate::policy::{Approver, Promotion};

const FIELD: &str = "pipeline.name";

/// Where an action stands: its stage, and its order in it.
type Place = (usize, u32);

pub(super) fn judge(policy: &Policy, found: &Found, findings: &mut Findings) {
    let Some(named) = &policy.pipeline else { return };
    let Some(pipeline) = findings.read(FIELD, &found.pipeline) else {
        return;
    };
    let Some(pipeline) = pipeline else {
        let text = format!(
            "there is no pipeline {} in this account and region; create it, or correct the policy",
            named.name
        );
        return findings.add(Weight::Refused, FIELD, text);
    };
    if let Some(text) = unsound(pipeline.mode == "PARALLEL", false) {
        findings.add(Weight::Refused, FIELD, text);
    }
    let canary = place_of(policy, pipeline, &policy.two_services.canary);
    if canary.is_none() {
        lacks(policy, &policy.two_services.canary, findings);
    }
    let stable = promoted(policy, found, (pipeline, canary), findings);
    if let Some(canary) = canary {
        opened(policy, pipeline, canary, findings);
        if let Some(stable) = stable {
            between(policy, found, (pipeline, canary, stable), findings);
        }
    }
    if let Some(None) = findings.read(FIELD, &pipeline.policy_tag) {
        let text = format!(
            "{} has no tag serin:policy, so an execution of it can be held and not stopped; tag it serin:policy={}",
            named.name, policy.name
        );
        findings.add(Weight::Warning, FIELD, text);
    }
}

/// Where the first deploy action of a service stands.
fn place_of(policy: &Policy, pipeline: &Pipeline, service: &str) -> Option<Place> {
    let wanted = &policy.two_services.cluster;
    let deploys = |action: &Action| match &action.does {
        Does::Deploys {
            cluster,
            service: given,
        } => given == service && cluster == wanted,
        _ => false,
    };
    places(pipeline, |_, action| deploys(action)).min()
}

fn lacks(policy: &Policy, service: &str, findings: &mut Findings) {
    let text = format!(
        "no ECS deploy action of it gives anything to {service} in cluster {}: a release would never come there; add one, \
         or correct the policy",
        policy.two_services.cluster
    );
    findings.add(Weight::Refused, FIELD, text);
}

/// Where stable is given the revision, and whether the actions that the policy leaves to Serin are there at all.
fn promoted(
    policy: &Policy,
    found: &Found,
    (pipeline, canary): (&Pipeline, Option<Place>),
    findings: &mut Findings,
) -> Option<Place> {
    let stable = place_of(policy, pipeline, &policy.two_services.stable);
    let behind =
        |place: Place| canary.is_some_and(|canary| canary < place) && stable.is_none_or(|stable| place < stable);
    let ours = |place: Place, action: &Action| behind(place) && is_ours(policy, action);
    let shape = Shape {
        canary: canary.is_some(),
        stable: stable.is_some(),
        ours: places(pipeline, ours).count(),
        asks: places(pipeline, |place, action| behind(place) && asks(found, action))
            .next()
            .is_some(),
    };
    // A release that is opened by our action is refused in these words.
    if let Some(wrong) = misplaced(policy, &shape) {
        findings.add(Weight::Refused, FIELD, wrong);
        return None;
    }
    match policy.promotion {
        Promotion::Pipeline => {
            if stable.is_none() {
                lacks(policy, &policy.two_services.stable, findings);
            }
            stable
        }
        Promotion::RollStable => places(pipeline, ours).max(),
        // No such policy names a pipeline.
        Promotion::Swap => None,
    }
}

/// Whether a release is opened before its canary changes.
fn opened(policy: &Policy, pipeline: &Pipeline, canary: Place, findings: &mut Findings) {
    let opens = |place: Place, action: &Action| place.0 == canary.0 && place.1 < canary.1 && is_ours(policy, action);
    if places(pipeline, opens).next().is_none() {
        let text = format!(
            "stage {} has no Lambda action of policy {} before it deploys {}: the release is opened when it has the canary \
             already, and cannot be held back from it; put open there, with a smaller runOrder",
            stage(pipeline, canary),
            policy.name,
            policy.two_services.canary
        );
        findings.add(Weight::Advice, FIELD, text);
    }
}

/// What stands between the canary and stable.
fn between(
    policy: &Policy,
    found: &Found,
    (pipeline, canary, stable): (&Pipeline, Place, Place),
    findings: &mut Findings,
) {
    if stable <= canary {
        let text = format!(
            "it deploys {} in stage {} before or beside {} in stage {}; put the canary first",
            policy.two_services.stable,
            stage(pipeline, stable),
            policy.two_services.canary,
            stage(pipeline, canary)
        );
        return findings.add(Weight::Refused, FIELD, text);
    }
    let waits = |action: &Action| match policy.approval {
        Approver::Pipeline => matches!(action.does, Does::Approval { .. }),
        Approver::Automatic => is_ours(policy, action) || asks(found, action),
        Approver::Human => asks(found, action),
    };
    let gate = places(pipeline, |place, action| {
        canary < place && place < stable && waits(action)
    })
    .min();
    let Some(gate) = gate else {
        let bake = policy.bake_minutes_total();
        let (weight, then) = if bake > 0 {
            (
                Weight::Refused,
                format!("nothing waits for the {bake} minutes that are to be baked"),
            )
        } else {
            (
                Weight::Warning,
                "an alarm has only as long as the canary's deployment takes".to_owned(),
            )
        };
        let text = format!("there is no gate between canary and stable: {then}; put a manual approval there");
        return findings.add(weight, FIELD, text);
    };
    if policy.approval != Approver::Pipeline {
        answered(policy, found, pipeline, (canary, stable), findings);
    }
    if let Some(text) = promotes_too_late(policy) {
        findings.add(Weight::Warning, FIELD, text);
    }
    if gate.0 != canary.0 {
        let text = format!(
            "the canary is deployed in stage {} and the gate stands in stage {}: while one release waits there, the next \
             can already take the canary from it; put the gate into stage {}, after the deployment",
            stage(pipeline, canary),
            stage(pipeline, gate),
            stage(pipeline, canary)
        );
        findings.add(Weight::Warning, FIELD, text);
    }
    if stable.0 == canary.0 {
        let text = format!(
            "canary and stable are deployed in one stage, {}: Serin holds an execution at the way into a stage, and here \
             is none; give stable a stage of its own",
            stage(pipeline, stable)
        );
        findings.add(Weight::Warning, FIELD, text);
    }
}

/// What there is to say of the approvals that Serin answers, or tells people of.
fn answered(policy: &Policy, found: &Found, pipeline: &Pipeline, between: (Place, Place), findings: &mut Findings) {
    expires(policy, found, pipeline, between, findings);
    let unnamed = |_: Place, action: &Action| asks(found, action);
    if found.approvals.is_none() && places(pipeline, unnamed).next().is_some() {
        let text =
            "a manual approval notifies a topic, and whether that is Serin's was not checked; name the stack's output \
                    ApprovalTopicArn in SERIN_APPROVALS"
                .to_owned();
        findings.add(Weight::Advice, FIELD, text);
    }
}

/// How long CodePipeline waits for a manual approval that says nothing else.
///
/// # Source
/// AWS CodePipeline user guide, "Quotas": "Approval action: 7 days".
const APPROVAL_MINUTES: u32 = 7 * 24 * 60;

/// Whether an approval that Serin answers, or tells people of, is over before the steps have baked.
fn expires(
    policy: &Policy,
    found: &Found,
    pipeline: &Pipeline,
    (canary, stable): (Place, Place),
    findings: &mut Findings,
) {
    let (bake, longest) = (policy.bake_minutes_total(), policy.baked_within_minutes());
    let within = |place: Place| canary < place && place < stable;
    let waits = |place: Place, action: &Action| within(place) && (asks(found, action) || is_ours(policy, action));
    // Whatever comes behind the first gate begins when the steps have baked.
    let Some(first) = places(pipeline, waits).min() else {
        return;
    };
    let beside = pipeline.stages[first.0].actions.iter();
    let beside = beside.filter(|action| action.run_order == first.1 && asks(found, action));
    let shortest = beside.min_by_key(|action| action.timeout_minutes.unwrap_or(APPROVAL_MINUTES));
    let Some((name, minutes)) =
        shortest.map(|action| (&action.name, action.timeout_minutes.unwrap_or(APPROVAL_MINUTES)))
    else {
        return;
    };
    if minutes > longest {
        return;
    }
    let (weight, how) = match minutes <= bake {
        true => (Weight::Refused, format!("the steps bake {bake}")),
        false => (
            Weight::Warning,
            format!("the steps may take up to {longest}, where evidence is waited for"),
        ),
    };
    let text = format!(
        "the manual approval {name} expires after {minutes} minutes, and {how}: what expires is rolled back; bake less, or give it a longer timeoutInMinutes"
    );
    findings.add(weight, FIELD, text);
}

/// Whether it is a manual approval that notifies Serin; any topic is taken for Serin's where nobody said which it is.
fn asks(found: &Found, action: &Action) -> bool {
    let is_own = |topic: &String| found.approvals.as_ref().is_none_or(|own| own == topic);
    matches!(&action.does, Does::Approval { topic: Some(topic) } if is_own(topic))
}

fn is_ours(policy: &Policy, action: &Action) -> bool {
    matches!(&action.does, Does::Job { policy: Some(named), .. } if *named == policy.name)
}

fn stage(pipeline: &Pipeline, place: Place) -> &str {
    pipeline.stages.get(place.0).map_or("", |stage| stage.name.as_str())
}

/// Places of the actions that are looked for.
fn places<'p>(pipeline: &'p Pipeline, is: impl Fn(Place, &Action) -> bool + 'p) -> impl Iterator<Item = Place> + 'p {
    let stages = pipeline.stages.iter().enumerate();
    let places = stages.flat_map(|(index, stage)| {
        let actions = stage.actions.iter();
        actions.map(move |action| ((index, action.run_order), action))
    });
    places.filter_map(move |(place, action)| is(place, action).then_some(place))
}
