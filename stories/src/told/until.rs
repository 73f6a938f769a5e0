//! What a story waits for.

use super::ask::{action, approval_open, in_alarm, is_open, primary_image, runs_only, status, tasks};
use super::{Told, whole};

/// For how long at most.
const HOURS_MAX: i64 = 3;

impl Told {
    pub(super) fn until(&mut self, what: &[&str]) -> Result<(), String> {
        let limit = HOURS_MAX * 3_600;
        let reached = match *what {
            ["approval", name] => {
                let name = name.to_owned();
                self.stage.run_until(limit, move |stage| approval_open(stage, &name))
            }
            ["closed", name] => {
                let name = name.to_owned();
                self.stage.run_until(limit, move |stage| !is_open(stage, &name))
            }
            ["release", "of", name, "is", ref phase @ ..] => {
                let (name, phase) = (name.to_owned(), phase.join(" "));
                self.stage.run_until(limit, move |stage| stage.phase(&name) == phase)
            }
            ["execution", ref which @ .., "of", name, "is", wanted] => {
                let key = [&[name], which].concat().join(" ");
                let execution = self.execution(&key)?;
                let (name, wanted) = (name.to_owned(), wanted.to_owned());
                self.stage
                    .run_until(limit, move |stage| status(stage, &name, &execution) == wanted)
            }
            // To the second, for what comes right after it.
            ["action", wanted, "of", name, "is", how] => {
                let (wanted, name, how) = (wanted.to_owned(), name.to_owned(), how.to_owned());
                self.stage
                    .run_until_by(1, limit, move |stage| action(stage, &name, &wanted) == how)
            }
            [service, "of", name, "is", "given", version] => {
                let digest_of = self.row(name)?.image(version);
                let (cluster, service) = (self.row(name)?.cluster, service.to_owned());
                self.stage.run_until(limit, move |stage| {
                    primary_image(stage, &cluster, &service).as_deref() == Some(&digest_of)
                })
            }
            [service, "of", name, "runs", version] => {
                let (row, service, version) = (self.row(name)?, service.to_owned(), version.to_owned());
                self.stage
                    .run_until(limit, move |stage| runs_only(stage, &row, &service, &version))
            }
            [service, "has", count, "task" | "tasks"] => {
                let (count, cluster, service) = (whole(count)?, self.row_of(service)?.cluster, service.to_owned());
                self.stage
                    .run_until(limit, move |stage| tasks(stage, &cluster, &service) == Some(count))
            }
            [letters, "dead", "letters", "of", name] => {
                let (letters, queue) = (whole(letters)?, self.queue_of(name)?);
                self.stage.run_until(limit, move |stage| {
                    queue.letters(&mut stage.sim.world()) as i64 >= letters
                })
            }
            ["the", "weights", "of", name, "are", canary, "to", stable] => {
                let (balancer, wanted) = (self.balancer_of(name)?, format!("{canary} to {stable}"));
                self.stage
                    .run_until(limit, move |stage| balancer.weights(&stage.sim.world()) == wanted)
            }
            ["alarm", name] => {
                let alarm = self.row(name)?.alarm;
                self.stage.run_until(limit, move |stage| in_alarm(stage, &alarm))
            }
            _ => return Err("until what?".to_owned()),
        };
        if reached {
            Ok(())
        } else {
            Err(format!("did not happen within {HOURS_MAX} hours"))
        }
    }
}
