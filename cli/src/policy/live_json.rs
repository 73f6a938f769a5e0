//! What a policy can really do, for programs; `docs/json.md` describes it.

use super::live::Looked;
use decide::live::{Action, Alarm, Does, Queue, Service, Watches, Weight};
use decide::policy::Mistake;
use decide::{AlarmState, Part};
use serde_json::{Value, json};

/// A document with mistakes: its world was not looked at.
pub fn mistaken(file: &str, mistakes: &[Mistake]) -> Value {
    let mistakes = mistakes.iter();
    let mistakes = mistakes.map(|mistake| json!({ "field": mistake.field, "text": mistake.text }));
    json!({ "file": file, "verdict": "mistaken", "mistakes": mistakes.collect::<Vec<_>>() })
}

/// A policy in its world.
pub fn looked(file: &str, looked: &Looked) -> Value {
    let Looked { policy, found, report } = looked;
    let names = &policy.two_services;
    let verdict = match (report.of(Weight::Refused).next(), report.of(Weight::Unread).next()) {
        (Some(_), _) => "refused",
        (None, Some(_)) => "unread",
        (None, None) => "ok",
    };
    let pipeline = policy.pipeline.as_ref().map(|named| {
        let pipeline = found.pipeline.known().and_then(Option::as_ref);
        let stages = pipeline.map(|pipeline| {
            let stages = pipeline.stages.iter();
            let stages = stages.map(|stage| {
                let actions: Vec<Value> = stage.actions.iter().map(action).collect();
                json!({ "name": stage.name, "actions": actions })
            });
            stages.collect::<Vec<_>>()
        });
        json!({
            "name": named.name,
            "mode": pipeline.map(|pipeline| &pipeline.mode),
            "policy_tag": pipeline.and_then(|pipeline| pipeline.policy_tag.known()),
            "stages": stages,
        })
    });
    let queues = found.queues.iter().map(|(name, part)| queue(name, part));
    let alarms = found
        .alarms
        .known()
        .map(|alarms| alarms.iter().map(alarm).collect::<Vec<_>>());
    json!({
        "file": file,
        "policy": policy.name,
        "verdict": verdict,
        "services": [
            service("canary", &names.canary, &names.cluster, &found.canary),
            service("stable", &names.stable, &names.cluster, &found.stable),
        ],
        "alarms": alarms,
        "queues": queues.collect::<Vec<_>>(),
        "pipeline": pipeline,
        "share": report.share,
        "steps": report.steps,
        "reactions": report.reactions,
        "findings": report.findings,
    })
}

fn service(role: &str, name: &str, cluster: &str, part: &Part<Option<Service>>) -> Value {
    let service = part.known().and_then(Option::as_ref);
    json!({
        "role": role,
        "name": name,
        "cluster": cluster,
        "status": service.map(|service| &service.status),
        "controller": service.map(|service| &service.controller),
        "policy_tag": service.and_then(|service| service.policy_tag.as_ref()),
        "running": service.map(|service| service.running),
        "desired": service.map(|service| service.desired),
        "containers": service.and_then(|service| service.containers.known()),
    })
}

fn alarm(alarm: &Alarm) -> Value {
    let state = match alarm.state {
        AlarmState::Ok => "OK",
        AlarmState::Alarm => "ALARM",
        AlarmState::InsufficientData => "INSUFFICIENT_DATA",
    };
    let watches = match &alarm.watches {
        Watches::Other(what) => json!({ "other": what }),
        Watches::Metrics {
            metrics,
            period_seconds,
            periods,
            periods_to_alarm,
            comparison,
            threshold,
        } => {
            let metrics = metrics.iter().map(
                |metric| json!({ "namespace": metric.namespace, "name": metric.name, "dimensions": metric.dimensions }),
            );
            json!({
                "metrics": metrics.collect::<Vec<_>>(),
                "period_seconds": period_seconds,
                "periods": periods,
                "periods_to_alarm": periods_to_alarm,
                "comparison": comparison,
                "threshold": threshold,
            })
        }
    };
    json!({
        "name": alarm.name,
        "state": state,
        "since": alarm.since,
        "actions": alarm.actions,
        "actions_enabled": alarm.actions_enabled,
        "watches": watches,
    })
}

fn queue(name: &str, part: &Part<Option<Queue>>) -> Value {
    let queue = part.known().and_then(Option::as_ref);
    let sources = queue.and_then(|queue| queue.sources.known()).map(|sources| {
        let sources = sources.iter().map(|source| {
            json!({
                "name": source.name,
                "receives_max": source.receives_max,
                "visibility_seconds": source.visibility_seconds,
            })
        });
        sources.collect::<Vec<_>>()
    });
    json!({
        "name": name,
        "fifo": queue.map(|queue| queue.fifo),
        "messages": queue.map(|queue| queue.messages),
        "redrives": queue.map(|queue| queue.redrives),
        "sources": sources,
    })
}

fn action(action: &Action) -> Value {
    let mut json = json!({ "name": action.name, "run_order": action.run_order });
    match &action.does {
        Does::Deploys { cluster, service } => {
            json["does"] = json!("deploys");
            json["cluster"] = json!(cluster);
            json["service"] = json!(service);
        }
        Does::Approval { topic } => {
            json["does"] = json!("approval");
            json["topic"] = json!(topic);
        }
        Does::Job { function, policy } => {
            json["does"] = json!("job");
            json["function"] = json!(function);
            json["policy"] = json!(policy);
        }
        Does::Other(provider) => {
            json["does"] = json!("other");
            json["provider"] = json!(provider);
        }
    }
    json
}
