//! What a policy can really do, in lines of 80 columns for whoever is on call.

use crate::page::{field, short, span, under};
use decide::live::{
    Action, Alarm, Chance, Does, Found, Metric, Pipeline, Queue, Reaction, Report, Service, Share, StepShare, Watches,
    Weighing, Weight,
};
use decide::policy::Approver;
use decide::{AlarmState, Part, Policy, SharesBy};
use std::collections::BTreeMap;

/// Columns before what follows the verdict.
const INDENT: usize = 5;
/// Chances below this are not told as one in so many.
const HARDLY: f64 = 1e-6;

/// A policy, its world, and what is said of both.
pub struct Looked {
    /// The policy.
    pub policy: Policy,
    /// What was found.
    pub found: Found,
    /// What is said of it.
    pub report: Report,
}

impl Looked {
    /// Whether nothing is refused, and all could be read.
    pub fn is_good(&self) -> bool {
        self.report.of(Weight::Refused).next().is_none() && self.report.of(Weight::Unread).next().is_none()
    }

    /// For people.
    pub fn text(&self, file: &str, region: &str) -> String {
        let mark = if self.is_good() { "[OK]" } else { "[NG]" };
        let head = format!("{mark} {file}, live in {region}: {}", self.counted());
        let mut text = under("", INDENT, &head);
        let names = &self.policy.two_services;
        text += &service("canary", &names.canary, &names.cluster, &self.found.canary);
        text += &service("stable", &names.stable, &names.cluster, &self.found.stable);
        text += &self.roles();
        text += &self.shares();
        text += &self.alarms();
        text += &self.reactions();
        text += &self.pipeline();
        for finding in &self.report.findings {
            text += &field(weight(finding.weight), &format!("{}: {}", finding.field, finding.text));
        }
        text
    }

    fn counted(&self) -> String {
        let weights = [
            (Weight::Refused, "refused", "refused"),
            (Weight::Unread, "not read", "not read"),
            (Weight::Warning, "warning", "warnings"),
            (Weight::Advice, "piece of advice", "pieces of advice"),
        ];
        let counts = weights
            .iter()
            .filter_map(|(weight, one, many)| match self.report.of(*weight).count() {
                0 => None,
                1 => Some(format!("1 {one}")),
                count => Some(format!("{count} {many}")),
            });
        let counts: Vec<String> = counts.collect();
        match counts.as_slice() {
            [] => "nothing to mend".to_owned(),
            counts => counts.join(", "),
        }
    }

    /// Whose roles they are, where each service has another one every other time.
    fn roles(&self) -> String {
        let names = &self.policy.two_services;
        let clear = self
            .report
            .weights
            .is_some_and(|weights| weights.canary < weights.stable);
        match (self.policy.swaps(), clear) {
            (false, _) => String::new(),
            (true, true) => field(
                "roles",
                &format!("by the weights {} is stable at the moment", names.stable),
            ),
            (true, false) => field("roles", "cannot be told by the weights; as the policy is written"),
        }
    }

    fn shares(&self) -> String {
        let mut text = match (decide::can(&self.policy.traffic).by, &self.report.share) {
            (SharesBy::Weights, _) => field("share", &weighed(self.report.weights.as_ref())),
            (SharesBy::Tasks, Some(share)) => field("share", &format!("as both stand, the canary has {}", told(share))),
            (SharesBy::Tasks, None) => field("share", "cannot be told"),
        };
        for (index, step) in self.report.steps.iter().enumerate() {
            text += &field(&format!("step {}", index + 1), &stepped(step));
        }
        text
    }

    fn alarms(&self) -> String {
        let Part::Known(alarms) = &self.found.alarms else {
            return field("alarms", "could not be read");
        };
        let mut text = String::new();
        for name in self.policy.alarms() {
            let alarm = alarms.iter().find(|alarm| alarm.name == name);
            let told = alarm.map_or_else(|| format!("{name}: not there"), told_alarm);
            text += &field("alarm", &told);
        }
        for (name, queue) in &self.found.queues {
            text += &field("queue", &told_queue(name, queue));
        }
        text
    }

    fn reactions(&self) -> String {
        let mut text = String::new();
        for reaction in &self.report.reactions {
            text += &field("reaction", &reacted(reaction));
            let chances = self.report.share.iter().flat_map(|share| &share.chances);
            for chance in chances.filter(|chance| chance.alarm == reaction.alarm) {
                text += &field("chance", &odds(chance));
            }
        }
        let slowest = self.report.reactions.iter().map(|reaction| reaction.seconds).max();
        let waits_for_somebody = self.report.steps.is_empty() && self.policy.approval == Approver::Pipeline;
        if let Some(seconds) = slowest.filter(|_| waits_for_somebody) {
            let waits = format!(
                "no step is written, so nothing but the approval waits: whoever gives it should wait {} at least",
                lasting(seconds)
            );
            text += &field("bake", &waits);
        }
        text
    }

    fn pipeline(&self) -> String {
        let Some(named) = &self.policy.pipeline else {
            return field("pipeline", "none: a release begins with whoever deploys to the canary");
        };
        let told = match &self.found.pipeline {
            Part::Known(Some(pipeline)) => format!("{}, {}: {}", named.name, pipeline.mode, stages(pipeline)),
            Part::Known(None) => format!("{}: not there", named.name),
            Part::Unknown(_) => format!("{}: could not be read", named.name),
        };
        field("pipeline", &told)
    }
}

fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Refused => "refused",
        Weight::Unread => "not read",
        Weight::Warning => "warning",
        Weight::Advice => "advice",
    }
}

fn service(label: &str, name: &str, cluster: &str, part: &Part<Option<Service>>) -> String {
    let told = match part {
        Part::Unknown(_) => "could not be read".to_owned(),
        Part::Known(None) => "not there".to_owned(),
        Part::Known(Some(service)) => {
            let tag = service.policy_tag.as_deref();
            let tag = tag.map_or_else(|| "not tagged".to_owned(), |tag| format!("tagged {tag}"));
            let containers = match service.containers.known() {
                Some(names) => names.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
                None => "unknown".to_owned(),
            };
            format!(
                "{}, {} of {} tasks run, {tag}, deployed by {}, containers: {containers}",
                service.status, service.running, service.desired, service.controller
            )
        }
    };
    field(label, &format!("{name} in cluster {cluster}: {told}"))
}

/// `250 of 1000 messages (1 of 4 tasks)`.
fn told(share: &Share) -> String {
    let all = u64::from(share.canary_tasks) + u64::from(share.stable_tasks);
    format!(
        "{} of 1000 messages ({} of {all} tasks)",
        share.permille, share.canary_tasks
    )
}

/// `as the rule is, the canary has 10 of 1000 requests (weights 1 to 99)`.
fn weighed(weighing: Option<&Weighing>) -> String {
    match weighing.and_then(|weighing| Some((weighing.permille?, weights(Some(weighing))))) {
        Some((permille, weights)) => format!("as the rule is, the canary has {permille} of 1000 requests: {weights}"),
        None => "cannot be told".to_owned(),
    }
}

fn weights(weighing: Option<&Weighing>) -> String {
    let weights = weighing.map(|weighing| format!("weights {} to {}", weighing.canary, weighing.stable));
    weights.unwrap_or_default()
}

fn stepped(step: &StepShare) -> String {
    let asked = step.asked_permille.unwrap_or_default();
    let gets = match &step.share {
        _ if step.weights.is_some() => weights(step.weights.as_ref()),
        Some(share) => format!("whole tasks give {}", told(share)),
        None => "that cannot be had, or not be told".to_owned(),
    };
    format!("asks for {asked} of 1000, {gets}; bakes {} min", step.bake_minutes)
}

fn told_alarm(alarm: &Alarm) -> String {
    let state = match alarm.state {
        AlarmState::Ok => "OK",
        AlarmState::Alarm => "in ALARM",
        AlarmState::InsufficientData => "without data",
    };
    let own: Vec<&str> = alarm.actions.iter().map(|arn| last(arn)).collect();
    let own = match (own.as_slice(), alarm.actions_enabled) {
        ([], _) => "it has no action of its own and needs none".to_owned(),
        (own, true) => format!("it calls {} itself as well", own.join(", ")),
        (own, false) => format!("its own action on {} is switched off", own.join(", ")),
    };
    format!(
        "{}: {state} since {}; rings {}; the stack's EventBridge rule hears every alarm, {own}",
        alarm.name,
        alarm.since,
        watches(&alarm.watches)
    )
}

fn watches(watches: &Watches) -> String {
    match watches {
        Watches::Other(what) => format!("by {what}"),
        Watches::Metrics {
            metrics,
            period_seconds,
            periods,
            periods_to_alarm,
            comparison,
            threshold,
        } => {
            let metrics: Vec<String> = metrics.iter().map(metric).collect();
            let bound = match threshold {
                Some(threshold) => format!("{} {threshold}", sign(comparison)),
                None => "out of its band".to_owned(),
            };
            format!(
                "with {} {bound} in {periods_to_alarm} of {periods} periods of {period_seconds} s",
                metrics.join(", ")
            )
        }
    }
}

fn metric(metric: &Metric) -> String {
    let dimensions: &BTreeMap<String, String> = &metric.dimensions;
    let of: Vec<&str> = dimensions.values().map(String::as_str).collect();
    match of.as_slice() {
        [] => format!("{} {}", metric.namespace, metric.name),
        of => format!("{} {} of {}", metric.namespace, metric.name, of.join(", ")),
    }
}

/// As CloudWatch API, `ComparisonOperator`, is written in a formula.
fn sign(comparison: &str) -> &str {
    match comparison {
        "GreaterThanThreshold" => ">",
        "GreaterThanOrEqualToThreshold" => ">=",
        "LessThanThreshold" => "<",
        "LessThanOrEqualToThreshold" => "<=",
        other => other,
    }
}

fn told_queue(name: &str, queue: &Part<Option<Queue>>) -> String {
    let queue = match queue {
        Part::Unknown(_) => return format!("{name}: could not be read"),
        Part::Known(None) => return format!("{name}: not there"),
        Part::Known(Some(queue)) => queue,
    };
    let kind = if queue.fifo { "FIFO" } else { "standard" };
    let sources = match &queue.sources {
        Part::Unknown(_) => "; whose messages die there could not be read".to_owned(),
        Part::Known(sources) => {
            let each = sources.iter().map(|source| {
                format!(
                    "; a message of {} dies there once it was handed out {} without being deleted, for {} s each time",
                    source.name,
                    times(source.receives_max),
                    source.visibility_seconds
                )
            });
            each.collect()
        }
    };
    format!("{name}, {kind}, {} messages{sources}", queue.messages)
}

fn reacted(reaction: &Reaction) -> String {
    let dying = match &reaction.dying {
        Some(dying) => format!(
            "{} until a message of {} has failed {}, ",
            lasting(dying.seconds),
            dying.source,
            times(dying.receives)
        ),
        None => String::new(),
    };
    let asleep = match reaction.asleep_seconds {
        0 => String::new(),
        seconds => format!("; {} more where the queue was at rest for hours", lasting(seconds)),
    };
    format!(
        "{} rings up to {} after the first failure: {dying}{} for its periods, {} until CloudWatch has the data{asleep}",
        reaction.alarm,
        lasting(reaction.seconds),
        lasting(reaction.periods_seconds),
        lasting(reaction.lag_seconds)
    )
}

/// What becomes of what only the canary fails, for whoever is on call.
fn odds(chance: &Chance) -> String {
    let die = match chance.dies {
        dies if dies >= 0.995 => "what the canary fails dies".to_owned(),
        dies => format!(
            "what the canary fails is handed out again, and stable handles what it gets: {} dies",
            one_in(dies)
        ),
    };
    let rings = match (chance.letters, chance.failed_first) {
        (None, _) => String::new(),
        (Some(letters), Some(failed)) => format!(
            "; {} rings at {letters} dead {}, so after about {failed} {} that the canary has failed",
            chance.alarm,
            plural(letters, "letter"),
            plural(failed, "message")
        ),
        (Some(letters), None) => format!("; {} rings at {letters} dead letters, so never", chance.alarm),
    };
    format!(
        "{} hands a message out {}: {die}{rings}",
        chance.source,
        times(chance.receives)
    )
}

fn one_in(dies: f64) -> String {
    match dies {
        dies if dies >= 0.5 => format!("about {:.0} in 10", dies * 10.0),
        dies if dies >= HARDLY => format!("about 1 in {:.0}", 1.0 / dies),
        _ => "hardly any".to_owned(),
    }
}

fn plural(count: u64, one: &str) -> String {
    if count == 1 { one.to_owned() } else { format!("{one}s") }
}

/// A span without its seconds where there are none.
fn lasting(seconds: u32) -> String {
    match seconds {
        0..3_600 if seconds >= 60 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => span(seconds.into()),
    }
}

fn times(count: u32) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}

fn stages(pipeline: &Pipeline) -> String {
    let stages = pipeline.stages.iter().map(|stage| {
        let mut actions: Vec<&Action> = stage.actions.iter().collect();
        actions.sort_by_key(|action| action.run_order);
        let actions: Vec<String> = actions.into_iter().map(does).collect();
        format!("{} ({})", stage.name, actions.join(", "))
    });
    stages.collect::<Vec<_>>().join(" > ")
}

fn does(action: &Action) -> String {
    match &action.does {
        Does::Deploys { service, .. } => format!("deploys {service}"),
        Does::Approval { topic: None } => "waits for a person".to_owned(),
        Does::Approval { topic: Some(topic) } => format!("waits for an answer, and notifies {topic}"),
        Does::Job { function, .. } => format!("calls {}", last(function)),
        Does::Other(provider) => provider.clone(),
    }
}

/// What follows the last colon or slash of an ARN.
fn last(arn: &str) -> &str {
    let tail = short(arn);
    tail.rsplit(':').next().unwrap_or(tail)
}
