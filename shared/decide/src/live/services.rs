//! Are both services there, ours to change, and made for one another?

use super::{Findings, Found, Service, Weight};
use crate::{Part, Policy, Role};
use std::collections::BTreeSet;

/// Fields of the policy that name the services.
pub(super) const CANARY: &str = "two_services.canary";
pub(super) const STABLE: &str = "two_services.stable";

pub(super) fn judge(policy: &Policy, found: &Found, findings: &mut Findings) {
    for role in [Role::Canary, Role::Stable] {
        one(policy, role, found, findings);
    }
    if let (Some(canary), Some(stable)) = (containers(&found.canary), containers(&found.stable))
        && canary != stable
    {
        let text = format!(
            "its containers are {}, those of {} are {}: images are compared container by container, so no promotion \
             would ever be seen; give them the same names",
            list(canary),
            policy.two_services.stable,
            list(stable)
        );
        findings.add(Weight::Refused, CANARY, text);
    }
}

fn one(policy: &Policy, role: Role, found: &Found, findings: &mut Findings) {
    let (field, name, part) = match role {
        Role::Canary => (CANARY, &policy.two_services.canary, &found.canary),
        Role::Stable => (STABLE, &policy.two_services.stable, &found.stable),
    };
    let Some(service) = findings.read(field, part) else {
        return;
    };
    let cluster = &policy.two_services.cluster;
    let Some(service) = service.as_ref().filter(|service| service.status != "INACTIVE") else {
        let text = format!("ECS has no service {name} in cluster {cluster}; create it, or correct the policy");
        return findings.add(Weight::Refused, field, text);
    };
    if service.status != "ACTIVE" {
        let text = format!("{name} is {}, on its way out; create it again", service.status);
        findings.add(Weight::Refused, field, text);
    }
    if service.controller != "ECS" {
        let text = format!(
            "{name} is deployed by {}; the deployment controller must be ECS, and is chosen when a service is created",
            service.controller
        );
        findings.add(Weight::Refused, field, text);
    }
    tagged(&policy.name, name, service, field, findings);
    if service.running != service.desired {
        let text = format!(
            "{name} runs {} of {} tasks at the moment; what is said of shares goes by {}",
            service.running, service.desired, service.desired
        );
        findings.add(Weight::Warning, field, text);
    }
    if let Part::Unknown(why) = &service.containers {
        findings.add(Weight::Unread, field, why.as_str());
    }
}

/// Whoever may write a policy must not thereby command another team's service.
fn tagged(policy: &str, name: &str, service: &Service, field: &str, findings: &mut Findings) {
    let text = match service.policy_tag.as_deref() {
        Some(tag) if tag == policy => return,
        None => format!("{name} has no tag serin:policy, so no release is opened; tag it serin:policy={policy}"),
        Some(other) => format!(
            "{name} is tagged serin:policy={other}, so no release of {policy} is opened; one service, one policy"
        ),
    };
    findings.add(Weight::Refused, field, text);
}

fn containers(part: &Part<Option<Service>>) -> Option<&BTreeSet<String>> {
    part.known()?.as_ref()?.containers.known()
}

fn list(names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.join(", ")
}
