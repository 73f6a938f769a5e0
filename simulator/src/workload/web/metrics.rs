//! What CloudWatch is told of a load balancer.
//!
//! # Source
//! "CloudWatch metrics for your Application Load Balancer": counts have a nonzero value or none at all, and are told for
//! the load balancer and for each of its target groups; `HTTPCode_ELB_*` only for the load balancer.

use super::MINUTE_MILLIS;
use crate::cloudwatch;
use crate::time::At;
use crate::world::World;
use std::collections::BTreeMap;

const NAMESPACE: &str = "AWS/ApplicationELB";

/// What a target group answered in a minute; or the load balancer itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Minute {
    /// How many answers took so many milliseconds.
    took: BTreeMap<i64, u32>,
    failed: u32,
    /// Answers of the load balancer itself, and of these HTTP 5xx.
    by_itself: (u32, u32),
}

impl Minute {
    pub fn answered(&mut self, took_millis: i64, failed: bool) {
        *self.took.entry(took_millis).or_default() += 1;
        self.failed += u32::from(failed);
    }

    pub fn by_itself(&mut self, status: u16) {
        self.by_itself.0 += 1;
        self.by_itself.1 += u32::from(status >= 500);
    }

    fn add(&mut self, other: &Minute) {
        for (took, count) in &other.took {
            *self.took.entry(*took).or_default() += count;
        }
        self.failed += other.failed;
        self.by_itself.0 += other.by_itself.0;
        self.by_itself.1 += other.by_itself.1;
    }

    /// Names and data: the response times in seconds, each so often, and counts.
    fn data(&self) -> Vec<(&'static str, Vec<(f64, f64)>)> {
        let answered: u32 = self.took.values().sum();
        let times = self.took.iter();
        let times = times.map(|(took, count)| (*took as f64 / 1000.0, f64::from(*count)));
        let mut data = vec![("TargetResponseTime", times.collect())];
        for (name, count) in [
            ("RequestCount", answered + self.by_itself.0),
            ("HTTPCode_Target_2XX_Count", answered - self.failed),
            ("HTTPCode_Target_5XX_Count", self.failed),
            ("HTTPCode_ELB_5XX_Count", self.by_itself.1),
        ] {
            data.push((name, vec![(f64::from(count), 1.0)]));
        }
        // What did not happen is not told.
        data.retain(|(_, values)| values.iter().any(|(value, count)| *value > 0.0 && *count > 0.0));
        data
    }
}

/// Puts a minute on record, load balancer by load balancer.
pub(super) fn publish(world: &mut World, minute: At) {
    let mut balancers: BTreeMap<String, Minute> = BTreeMap::new();
    let mut groups: BTreeMap<(String, String), Minute> = BTreeMap::new();
    for site in &mut world.workload.web.sites {
        let Some(balancer) = balancer(&site.visitors.listener) else {
            continue;
        };
        for (arn, counted) in std::mem::take(&mut site.minute) {
            balancers.entry(balancer.clone()).or_default().add(&counted);
            if let Some((_, group)) = arn.split_once(":targetgroup/") {
                let key = (balancer.clone(), format!("targetgroup/{group}"));
                groups.entry(key).or_default().add(&counted);
            }
        }
    }
    let began = At(minute.0 - MINUTE_MILLIS);
    for (balancer, counted) in &balancers {
        put(world, &[("LoadBalancer", balancer)], began, counted);
    }
    for ((balancer, group), counted) in &groups {
        put(
            world,
            &[("LoadBalancer", balancer), ("TargetGroup", group)],
            began,
            counted,
        );
    }
}

fn put(world: &mut World, dimensions: &[(&str, &str)], at: At, counted: &Minute) {
    for (name, values) in counted.data() {
        cloudwatch::put_values(world, NAMESPACE, name, dimensions, at, values);
    }
}

/// `app/<name>/<id>`, of a listener's ARN.
fn balancer(listener: &str) -> Option<String> {
    let (_, path) = listener.split_once(":listener/")?;
    let (balancer, _) = path.rsplit_once('/')?;
    Some(balancer.to_owned())
}
