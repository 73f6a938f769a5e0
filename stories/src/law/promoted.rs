//! What Serin itself gave stable because an execution asked for it: the execution's doing, and no way back.

use super::world::{Author, Run, World, Write};
use simulator::ecs::RanAt;
use simulator::world::Call;

impl World {
    /// ECS shows no older deployment of a service that has no tasks: what it was to run before is what it was given
    /// last, or what its last task ran.
    pub(super) fn remember_what_ran(&mut self, timeline: &[RanAt]) {
        for place in 0..self.writes.len() {
            let (earlier, rest) = self.writes.split_at_mut(place);
            let Some(write) = rest.first_mut().filter(|write| write.before.is_none()) else {
                continue;
            };
            let given = earlier.iter().rfind(|other| other.service == write.service);
            let mut ran = timeline.iter().rev();
            let ran = ran.find(|ran| ran.service == write.service && ran.at < write.at);
            write.before = given
                .map(|given| given.definition.clone())
                .or_else(|| ran.map(|ran| ran.task_definition.clone()));
        }
    }

    /// Whether a call of ours gave stable what an execution promotes.
    pub fn is_promotion(&self, call: &Call) -> bool {
        let by_execution = |write: &&Write| matches!(write.by, Author::Execution(_));
        let mut writes = self.writes.iter().filter(by_execution);
        call.operation == "UpdateService"
            && writes
                .any(|write| write.at == call.at && call.input["taskDefinition"].as_str() == Some(&write.definition))
    }

    /// What one of our functions gave stable while our promote action held the execution, or once a person had ordered it,
    /// and what that execution had given its canary, is the execution's promotion: nobody is sent back by it.
    pub(super) fn credit_promotions(&mut self) {
        let promoted: Vec<(usize, String)> = self
            .writes
            .iter()
            .enumerate()
            .filter(|(_, write)| write.by == Author::Ours)
            .filter_map(|(place, write)| Some((place, self.promoted_through(write)?.id.clone())))
            .collect();
        for (place, execution) in promoted {
            self.writes[place].by = Author::Execution(execution);
        }
    }

    fn promoted_through(&self, write: &Write) -> Option<&Run> {
        let at_work = self
            .actions
            .iter()
            .filter(|action| action.invokes("promote") && action.ran_at(write.at));
        let ordered = self.runs.iter().filter(|run| {
            let mut orders = self.ordered.iter().filter(|order| order.policy == run.policy);
            orders.any(|order| {
                let held = order.from <= write.at && order.until.is_none_or(|until| write.at <= until);
                held && order.execution == run.id
            })
        });
        let at_work = at_work.filter_map(|action| {
            let named = action.policy_named();
            let mut runs = self.runs.iter();
            runs.find(|run| run.id == action.execution && named.as_deref() == Some(&run.policy))
        });
        at_work.chain(ordered).find(|run| {
            let canary = run.service(&run.row.canary);
            let had = self.given(run, &canary).filter(|given| given.at <= write.at).last();
            let had = had.map(|given| self.digests(&given.definition)).unwrap_or_default();
            run.service(&run.row.name) == write.service && !had.is_empty() && had == self.digests(&write.definition)
        })
    }
}
