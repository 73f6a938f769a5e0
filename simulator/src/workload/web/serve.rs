//! Who answers one request, how soon, and how.

use super::{Client, Manner, Site};
use crate::elb::{Asked, Elb, Health, Routed, Target, TargetGroup};
use crate::time::At;
use std::collections::BTreeMap;

/// How many clients with a cookie are remembered of a site.
const CLIENTS_MAX: usize = 1000;

/// A request comes and is answered.
pub(super) fn one(site: &mut Site, manners: &BTreeMap<String, Manner>, elb: &Elb, now: At) {
    let client = site.comes_again();
    let cookie = client.and_then(|client| site.clients.get(client));
    let asked = Asked {
        host: &site.visitors.host,
        path: &site.visitors.path,
        cookie: cookie.map(|client| (client.group.as_str(), client.until)),
    };
    site.served.requests += 1;
    let (arn, sticky_until, drawn) = match elb.route(&site.visitors.listener, &asked, now, &mut site.rng) {
        Some(Routed::Group {
            arn,
            sticky_until,
            drawn,
        }) => (arn, sticky_until, drawn),
        Some(Routed::Answered(status)) => return site.answered(status),
        // Nobody listens there: no load balancer counts what never reached it.
        None => return site.served.refused += 1,
    };
    if let Some(until) = sticky_until {
        let group = arn.clone();
        site.remembers(client, Client { group, until });
    }
    let target = elb.group(&arn).and_then(|group| chosen(elb, group, now, &mut site.rng));
    let Some(target) = target else {
        site.served.visited(&arn, None, drawn, now);
        // "503: The target groups for the load balancer have no registered targets" (troubleshooting).
        return site.answered(503);
    };
    let manner = target.images.iter().find_map(|image| manners.get(image));
    let manner = manner.unwrap_or(&site.visitors.manner);
    let (takes, failed) = (manner.takes_millis(&mut site.rng), manner.fails(&mut site.rng));
    let server = site.served.by(target, &arn, now, takes, failed);
    site.served.visited(&arn, Some(server), drawn, now);
    site.minute.entry(arn).or_default().answered(takes, failed);
}

/// One of the targets that may answer: healthy ones, or where there are none all that fail their checks ("If a target
/// group contains only unhealthy registered targets, the load balancer routes requests to all those targets").
fn chosen<'a>(elb: &'a Elb, group: &'a TargetGroup, now: At, rng: &mut fastrand::Rng) -> Option<&'a Target> {
    for wanted in [Health::Healthy, Health::Unhealthy] {
        let able = || elb.targets(group, now).filter(|(_, health)| *health == wanted);
        let count = able().count();
        if count > 0 {
            return able().nth(rng.usize(..count)).map(|(target, _)| target);
        }
    }
    None
}

impl Site {
    /// Which of those who have a cookie asks, if it is one of them.
    fn comes_again(&mut self) -> Option<usize> {
        let returning = self.visitors.returning_permille;
        let returns = returning > 0 && !self.clients.is_empty() && self.rng.u32(0..1000) < returning;
        returns.then(|| self.rng.usize(..self.clients.len()))
    }

    /// A client has this cookie from now on; a new one takes the place of another where there are too many.
    fn remembers(&mut self, who: Option<usize>, client: Client) {
        if self.visitors.returning_permille == 0 {
            return;
        }
        match who {
            Some(who) => self.clients[who] = client,
            None if self.clients.len() < CLIENTS_MAX => self.clients.push(client),
            None => {
                let place = self.rng.usize(..CLIENTS_MAX);
                self.clients[place] = client;
            }
        }
    }

    /// The load balancer answers itself.
    fn answered(&mut self, status: u16) {
        *self.served.answered.entry(status).or_default() += 1;
        self.minute.entry(String::new()).or_default().by_itself(status);
    }
}
