//! Law 10: a dry run changes nothing but ledger, clock, notices and its own jobs' answers.

use super::Verdict;
use super::evidence::{Evidence, is_ours, text};
use super::world::service_arn;
use crate::scene::RowA;
use serde_json::Value;
use simulator::world::Call;

/// Services of AWS in which a release may change something that is not Serin's own.
const OTHERS: [&str; 5] = [
    "ecs",
    "codepipeline",
    "application-autoscaling",
    "elasticloadbalancing",
    "ecr",
];

/// What only reads.
const READS: [&str; 5] = ["Describe", "List", "Get", "BatchGet", "Poll"];

/// The answers of our own jobs.
const ANSWERS: [&str; 2] = ["PutJobSuccessResult", "PutJobFailureResult"];

impl Evidence {
    /// The same without the services and executions whose policies have Serin do nothing; nothing, where there are none.
    pub(super) fn without_dry_runs(&self) -> Option<Evidence> {
        let dry: Vec<String> = self.dry_runs().map(|(policy, _)| policy.clone()).collect();
        if dry.is_empty() {
            return None;
        }
        let services =
            |(_, row): (&String, &RowA)| [&row.name, &row.canary].map(|name| service_arn(&row.cluster, name));
        let services: Vec<String> = self.dry_runs().flat_map(services).collect();
        let mut rest = self.clone();
        rest.world.writes.retain(|write| !services.contains(&write.service));
        rest.world.stops.retain(|stop| !services.contains(&stop.service));
        rest.rows.retain(|policy, _| !dry.contains(policy));
        rest.releases.retain(|release| !dry.contains(&release.policy));
        rest.world.runs.retain(|run| !dry.contains(&run.policy));
        Some(rest)
    }

    fn dry_runs(&self) -> impl Iterator<Item = (&String, &RowA)> {
        let is_dry = |policy: &String| {
            self.policies
                .get(policy)
                .is_some_and(|policy| policy["dry_run"] == true)
        };
        self.rows.iter().filter(move |(policy, _)| is_dry(policy))
    }
}

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(10, "a dry run changes nothing");
    let dry: Vec<(&String, &RowA)> = evidence.dry_runs().collect();
    let alone = !dry.is_empty() && dry.len() == evidence.rows.len();
    // What the release would have been given back, rejected or approved: only then there was something to be done.
    let would = |release: &&super::Release| {
        let decisions = evidence.journal.get(release.id());
        let said = |entry: &Value| text(&entry["because"]).starts_with("dry run, nothing of this is done");
        dry.iter().any(|(policy, _)| **policy == release.policy) && decisions.into_iter().flatten().any(said)
    };
    verdict.applied = evidence.releases.iter().filter(would).count() as u32;
    for call in evidence.calls.iter().filter(|call| fails(call)) {
        if alone {
            verdict
                .broken
                .push(format!("{}: {} {}", call.caller, call.operation, call.input));
        }
    }
    for call in evidence.calls.iter().filter(|call| changes(call)) {
        if alone || dry.iter().any(|(_, row)| concerns(call, row)) {
            verdict
                .broken
                .push(format!("{}: {} {}", call.caller, call.operation, call.input));
        }
    }
    verdict
}

/// A job of ours that ended its execution; what is wrong with the pipeline or the policy is said so.
fn fails(call: &Call) -> bool {
    let failed = call.operation == "PutJobFailureResult" && call.outcome.is_ok();
    is_ours(call) && failed && call.input["failureDetails"]["type"] != "ConfigurationError"
}

/// A call of ours that changed something of somebody else's.
fn changes(call: &Call) -> bool {
    let operation = call.operation.as_str();
    let reads = READS.iter().any(|prefix| operation.starts_with(prefix)) || ANSWERS.contains(&operation);
    is_ours(call) && call.outcome.is_ok() && OTHERS.contains(&call.service) && !reads
}

/// Whether it names something of this policy.
fn concerns(call: &Call, row: &RowA) -> bool {
    let own = [&row.name, &row.canary, &row.pipeline];
    let members = [
        "service",
        "pipelineName",
        "resourceId",
        "family",
        "serviceDeploymentArn",
    ];
    let texts = members.iter().filter_map(|member| call.input[member].as_str());
    texts
        .flat_map(|text| text.split(['/', ':']))
        .any(|part| own.iter().any(|name| **name == part))
}
