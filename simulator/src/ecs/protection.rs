//! Which tasks the scheduler may not stop, and until when.
//!
//! Scale-in protection covers deployments and scaling only: `StopTask`, failing and deleting the service go on as
//! ever (UpdateTaskProtection, API reference). So a protected task of an older deployment holds that deployment's
//! successor open until it expires, takes room below `maximumPercent`, and runs on.

use super::clusters::last_part;
use super::{Due, Ecs, Moment, invalid, missing, texts};
use crate::refusal::Refusal;
use serde_json::{Value, json};

/// For how long a task is protected where the request does not say.
const DEFAULT_MINUTES: i64 = 120;
/// The longest protection.
const MINUTES_MAX: i64 = 2880;
/// Most tasks in one UpdateTaskProtection.
const UPDATED_MAX: usize = 10;
/// Most tasks in one GetTaskProtection.
const TOLD_MAX: usize = 100;

impl Ecs {
    pub(super) fn update_protection(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let references = self.protection_asked(input, UPDATED_MAX)?;
        let enabled = input["protectionEnabled"] == json!(true);
        let minutes = input["expiresInMinutes"].as_i64().unwrap_or(DEFAULT_MINUTES);
        if !(1..=MINUTES_MAX).contains(&minutes) {
            return Err(invalid(format!(
                "expiresInMinutes must be between 1 and {MINUTES_MAX}."
            )));
        }
        let (mut tasks, mut failures, mut touched) = (Vec::new(), Vec::new(), Vec::new());
        for reference in references {
            let Some(id) = self.protectable(input, &reference, moment)? else {
                failures.push(self.unprotectable(input, &reference, moment)?);
                continue;
            };
            let index = self.tasks[&id].service;
            let (desired, others) = (self.services[index].desired, self.protected_besides(index, id));
            if enabled && others >= desired {
                failures.push(json!({ "arn": self.tasks[&id].arn, "reason": "DEPLOYMENT_BLOCKED" }));
                continue;
            }
            self.unprotect(id);
            if enabled {
                let until = moment.now.plus_seconds(minutes * 60);
                let key = self.schedule(until, Due::Unprotect(id));
                if let Some(task) = self.tasks.get_mut(&id) {
                    task.protected = Some((until, key));
                }
            }
            tasks.push(self.protection_json(id));
            touched.push(index);
        }
        touched.dedup();
        for index in touched {
            self.reconcile(index, moment);
        }
        Ok(json!({ "protectedTasks": tasks, "failures": failures }))
    }

    pub(super) fn get_protection(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for reference in self.protection_asked(input, TOLD_MAX)? {
            match self.protectable(input, &reference, moment)? {
                Some(id) => tasks.push(self.protection_json(id)),
                None => failures.push(self.unprotectable(input, &reference, moment)?),
            }
        }
        Ok(json!({ "protectedTasks": tasks, "failures": failures }))
    }

    /// Its time is over: what was held back may happen now.
    pub(super) fn protection_ends(&mut self, id: u64, moment: &mut Moment<'_>) {
        self.unprotect(id);
        if let Some(index) = self.tasks.get(&id).map(|task| task.service) {
            self.reconcile(index, moment);
        }
    }

    /// Says once that a service cannot come to rest, as long as it cannot.
    pub(super) fn say_protected(&mut self, index: usize, moment: &mut Moment<'_>) {
        let too_many = self.protected_besides(index, 0) > self.services[index].desired;
        if too_many && !self.services[index].said_protected {
            self.say(
                index,
                "is unable to reach steady state because the number of protected tasks are more than the desired count.",
                moment,
            );
        }
        self.services[index].said_protected = too_many;
    }

    fn protection_asked(&self, input: &Value, most: usize) -> Result<Vec<String>, Refusal> {
        self.cluster(input)?;
        let references: Vec<String> = texts(input, "tasks").into_iter().map(str::to_owned).collect();
        if references.is_empty() {
            return Err(invalid("Tasks cannot be empty."));
        }
        if references.len() > most {
            return Err(invalid(format!("Tasks cannot have more than {most} items.")));
        }
        Ok(references)
    }

    /// A task that runs or is about to. All tasks here are services' own, so none is TASK_NOT_VALID.
    fn protectable(&self, input: &Value, reference: &str, moment: &Moment<'_>) -> Result<Option<u64>, Refusal> {
        let cluster = &self.cluster(input)?.name;
        let found = self.find_task(cluster, reference, moment);
        Ok(found.filter(|id| self.tasks[id].counts()))
    }

    fn unprotectable(&self, input: &Value, reference: &str, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let cluster = &self.cluster(input)?.name;
        Ok(missing(moment.arn(&format!("task/{cluster}/{}", last_part(reference)))))
    }

    fn unprotect(&mut self, id: u64) {
        let key = self.tasks.get_mut(&id).and_then(|task| task.protected.take());
        self.cancel(key.map(|(_, key)| key));
    }

    /// Protected tasks of a service that are not stopping, this one apart.
    fn protected_besides(&self, index: usize, id: u64) -> i64 {
        let others = self.services[index].live.iter().filter(|other| **other != id);
        let tasks = others.filter_map(|other| self.tasks.get(other));
        tasks
            .map(|task| i64::from(task.counts() && task.protected.is_some()))
            .sum()
    }

    fn protection_json(&self, id: u64) -> Value {
        let task = &self.tasks[&id];
        let mut json = json!({ "taskArn": task.arn, "protectionEnabled": task.protected.is_some() });
        if let Some((until, _)) = task.protected {
            json["expirationDate"] = json!(until.seconds());
        }
        json
    }
}
