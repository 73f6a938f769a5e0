//! Which tasks failed by themselves, as ECS told the bus: what the check `health` counts.

use super::evidence::{Evidence, moment, text};
use super::world::{Run, short};
use simulator::At;
use std::collections::BTreeMap;

/// For how long ECS shows a task that has stopped, with room for the look that must see it.
const SHOWN_SECONDS: i64 = 50 * 60;

/// Between a task's end and the look that counts it.
const LOOK_SECONDS: i64 = 2 * 60;

impl Evidence {
    /// When the canary had had more failed tasks within most of an hour than its policy allows, while the release of its
    /// execution had to answer for them.
    pub fn unhealthy(&self, run: &Run) -> Option<At> {
        let answers = self.answers_from(run).is_some() && !self.came_after_its_canary(run);
        let armed = self.world.armed(run).filter(|_| answers)?;
        let until = self.judged_until(run, armed);
        let canary = run.service(&run.row.canary);
        let too_many = self.too_many_failed(run, &canary, SHOWN_SECONDS)?;
        let told = too_many.plus_seconds(LOOK_SECONDS);
        (too_many >= armed && told < until).then_some(told)
    }

    /// Whether the canary had lost what it was given before anybody heard of that: then the release is of stable alone, and
    /// answers for what stable was given. By AWS's own log, somebody must have taken it: ECS, we, or somebody else.
    pub(super) fn came_after_its_canary(&self, run: &Run) -> bool {
        let Some(release) = run.release(self).filter(|release| release.is_of_stable_alone()) else {
            return false;
        };
        let (Some(armed), Some(opened)) = (self.world.armed(run), release.opened()) else {
            return true;
        };
        let canary = run.service(&run.row.canary);
        let undone = self.ending.undone.iter().filter(|(service, _)| *service == canary);
        let undone = undone.map(|(_, at)| *at);
        let lost = self.world.sent_back(&canary).into_iter().chain(undone);
        let mut lost = lost.chain(self.world.taken_over(run, &canary));
        lost.any(|at| at >= armed && at <= opened)
    }

    /// When a service of an execution had had more failed tasks than its policy allows, however far apart.
    pub fn told_by_tasks(&self, run: &Run) -> Option<At> {
        let services = run.services();
        let told = services
            .iter()
            .filter_map(|service| self.too_many_failed(run, service, i64::from(i32::MAX)));
        told.min()
    }

    fn too_many_failed(&self, run: &Run, service: &str, within: i64) -> Option<At> {
        let checks = run.document["checks"].as_array()?;
        let check = checks.iter().find(|check| check["kind"] == "health")?;
        let most = usize::try_from(check["failed_tasks_max"].as_u64()?).ok()?;
        let failed = self.failed_tasks(run, service);
        let span = failed
            .windows(most + 1)
            .find(|span| span[most] <= span[0].plus_seconds(within));
        span.map(|span| span[most])
    }

    /// When tasks of what an execution gave a service ended without having been told to, in order.
    fn failed_tasks(&self, run: &Run, service: &str) -> Vec<At> {
        let group = format!("service:{}", short(service));
        let mut ended: BTreeMap<String, At> = BTreeMap::new();
        for event in self
            .events
            .iter()
            .filter(|event| event["detail-type"] == "ECS Task State Change")
        {
            let detail = &event["detail"];
            let by_itself = ["TaskFailedToStart", "EssentialContainerExited"]
                .iter()
                .any(|code| detail["stopCode"] == *code);
            let mut given = self.world.given(run, service);
            let is_of = given.any(|write| detail["taskDefinitionArn"] == write.definition.as_str());
            if let Some(at) = moment(&event["time"]).filter(|_| by_itself && is_of && detail["group"] == group.as_str())
            {
                ended.entry(text(&detail["taskArn"])).or_insert(at);
            }
        }
        let mut moments: Vec<At> = ended.into_values().collect();
        moments.sort();
        moments
    }
}
