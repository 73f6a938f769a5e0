//! What goes wrong on the way to AWS and back. Effects and their replies are separate things here.

use crate::time::At;
use std::collections::BTreeMap;

/// One way of going wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `ThrottlingException`, no effect.
    Throttle,
    /// HTTP 500, no effect.
    ServerError,
    /// The request is lost: no effect, no reply.
    HangBefore,
    /// The request takes effect, its reply is lost.
    HangAfter,
    /// `AccessDeniedException`, no effect.
    AccessDenied,
}

/// Which calls a fault meets.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Service, or any.
    pub service: Option<String>,
    /// Operation, or any.
    pub operation: Option<String>,
    /// Only callers whose label starts with this.
    pub caller: Option<String>,
    /// Not before.
    pub from: At,
    /// Not from here on.
    pub until: At,
    /// How many calls it still meets; `None` is no limit.
    pub times: Option<u32>,
    /// Chance in a thousand.
    pub permille: u32,
    /// What happens to them.
    pub fault: Fault,
}

impl Rule {
    /// Every call to a service, for ever.
    pub fn service(service: &str, fault: Fault) -> Rule {
        Rule {
            service: Some(service.to_owned()),
            operation: None,
            caller: None,
            from: At(i64::MIN),
            until: At(i64::MAX),
            times: None,
            permille: 1000,
            fault,
        }
    }
}

/// The faults in force.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// In order; the first that matches counts.
    pub rules: Vec<Rule>,
    /// How many calls to each service have met which.
    pub met: BTreeMap<(String, Fault), u64>,
}

impl Faults {
    /// What happens to this call, if anything.
    pub fn meet(
        &mut self,
        rng: &mut fastrand::Rng,
        now: At,
        caller: &str,
        service: &str,
        operation: &str,
    ) -> Option<Fault> {
        for rule in &mut self.rules {
            let meets = rule.service.as_deref().is_none_or(|s| s == service)
                && rule.operation.as_deref().is_none_or(|o| o == operation)
                && rule.caller.as_deref().is_none_or(|c| caller.starts_with(c))
                && rule.from <= now
                && now < rule.until
                && rule.times != Some(0);
            if meets && (rule.permille >= 1000 || rng.u32(0..1000) < rule.permille) {
                rule.times = rule.times.map(|n| n - 1);
                *self.met.entry((service.to_owned(), rule.fault)).or_default() += 1;
                return Some(rule.fault);
            }
        }
        None
    }
}
