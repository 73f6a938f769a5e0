//! Short ways to set a scene: visitors, and how revisions answer them.

use super::{MINUTE_MILLIS, Manner, Served, Site, Visitors};
use crate::time::At;
use crate::world::World;
use std::collections::BTreeMap;

/// Visitors come from now on. Answers with the place of what is counted of them.
pub fn visitors(world: &mut World, visitors: Visitors) -> usize {
    crate::workload::run_due(world);
    let now = world.now;
    let web = &mut world.workload.web;
    let next = At((now.0.div_euclid(MINUTE_MILLIS) + 1) * MINUTE_MILLIS);
    web.next_minute.get_or_insert(next);
    let mut site = Site {
        visitors,
        rng: web.rng.fork(),
        next: None,
        clients: Vec::new(),
        served: Served::default(),
        minute: BTreeMap::new(),
    };
    site.next = site.arrives_after(now);
    web.sites.push(site);
    web.sites.len() - 1
}

/// So many come from now on; 0 is none.
pub fn per_second(world: &mut World, site: usize, per_second: f64) {
    crate::workload::run_due(world);
    let now = world.now;
    let site = &mut world.workload.web.sites[site];
    site.visitors.per_second = per_second;
    site.next = site.arrives_after(now);
}

/// How tasks answer from now on that run an image with this digest.
pub fn answers(world: &mut World, digest: &str, manner: Manner) {
    crate::workload::run_due(world);
    world.workload.web.manners.insert(digest.to_owned(), manner);
}

/// They answer as all others do again.
pub fn heals(world: &mut World, digest: &str) {
    crate::workload::run_due(world);
    world.workload.web.manners.remove(digest);
}

/// What became of the requests of these visitors until now.
pub fn served(world: &World, site: usize) -> &Served {
    &world.workload.web.sites[site].served
}
