//! Which rule answers a request, and which group gets it.
//!
//! # Source
//! User guide, "Listener rules": rules are asked in the order of their priority, the default rule last; "Sticky
//! sessions": target group stickiness. A request goes to the group that its cookie names as long as that is one of the
//! action's, whatever its weight; the groups' health does not matter.

use super::{Elb, Forward};
use crate::iam;
use crate::time::At;
use serde_json::Value;

/// A request, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Header `Host`.
    pub host: &'a str,
    /// Path without query.
    pub path: &'a str,
    /// The group that the cookie `AWSALBTG` names, and until when it counts.
    pub cookie: Option<(&'a str, At)>,
}

/// What a load balancer does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed {
    /// A target of this group gets it.
    Group {
        /// Its ARN.
        arn: String,
        /// Until when the cookie of the answer counts, where the action is sticky.
        sticky_until: Option<At>,
        /// Whether the weights decided, and no cookie.
        drawn: bool,
    },
    /// The load balancer answers with this status itself.
    Answered(u16),
}

impl Elb {
    /// Routes a request that a listener gets now; nothing where there is no such listener.
    pub fn route(&self, listener: &str, asked: &Asked<'_>, now: At, rng: &mut fastrand::Rng) -> Option<Routed> {
        let rules = self.rules_of(listener);
        let matching = |conditions: &[Value]| conditions.iter().all(|condition| holds(condition, asked));
        let (_, rule) = rules.into_iter().find(|(_, rule)| matching(&rule.conditions))?;
        let Some(forward) = &rule.forward else {
            return Some(Routed::Answered(status(&rule.actions)));
        };
        Some(to_group(forward, asked, now, rng))
    }
}

fn to_group(forward: &Forward, asked: &Asked<'_>, now: At, rng: &mut fastrand::Rng) -> Routed {
    let Forward { groups, sticky_seconds } = forward;
    if let Some((arn, until)) = asked
        .cookie
        .filter(|(_, until)| sticky_seconds.is_some() && now < *until)
        && groups.iter().any(|(group, _)| group == arn)
    {
        let arn = arn.to_owned();
        let sticky_until = Some(until);
        return Routed::Group {
            arn,
            sticky_until,
            drawn: false,
        };
    }
    let all: u32 = groups.iter().map(|(_, weight)| weight).sum();
    if all == 0 {
        // Not documented; nobody may rely on another answer.
        return Routed::Answered(503);
    }
    let mut drawn = rng.u32(0..all);
    for (arn, weight) in groups {
        if drawn < *weight {
            let sticky_until = sticky_seconds.map(|seconds| now.plus_seconds(seconds));
            let arn = arn.clone();
            return Routed::Group {
                arn,
                sticky_until,
                drawn: true,
            };
        }
        drawn -= weight;
    }
    Routed::Answered(503)
}

/// Hosts and paths are looked at; no request here has anything else that a rule could ask for.
fn holds(condition: &Value, asked: &Asked<'_>) -> bool {
    let of = match condition["Field"].as_str() {
        Some("path-pattern") => asked.path.to_owned(),
        Some("host-header") => asked.host.to_ascii_lowercase(),
        _ => return false,
    };
    let mut values = condition["Values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    values.any(|pattern| iam::like(pattern, &of))
}

/// Of a fixed response, or of a redirect.
fn status(actions: &[Value]) -> u16 {
    let Some(last) = actions.last() else {
        return 503;
    };
    let fixed = last["FixedResponseConfig"]["StatusCode"].as_str();
    let moved = last["RedirectConfig"]["StatusCode"]
        .as_str()
        .and_then(|code| code.strip_prefix("HTTP_"));
    fixed.or(moved).and_then(|code| code.parse().ok()).unwrap_or(503)
}
