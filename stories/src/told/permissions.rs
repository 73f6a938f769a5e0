//! What the functions may do in a story, and what is taken from them.

use super::{Played, Told};
use crate::template::permissions;
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::iam::Effect;

/// What lets Serin act on a service.
const TAG: &str = "serin:policy";

impl Told {
    pub(super) fn permissions(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            ["nobody", "may", action] => self.narrowed(action),
            ["everybody", "may", action, "again"] => self.as_deployed(action),
            [_, "takes", "the", "tag", "from", "the", "pipeline", "of", name] => self
                .row(name)
                .map(|row| pipelines::untag(&mut self.stage.sim.world(), &row.pipeline, TAG)),
            [_, "gives", "the", "pipeline", "of", name, "its", "tag", "again"] => self
                .row(name)
                .map(|row| pipelines::tag(&mut self.stage.sim.world(), &row.pipeline, TAG, name)),
            [person, "takes", "the", "tag", "from", service] => {
                self.tags(person, service, "UntagResource", |_| json!({ "tagKeys": [TAG] }))
            }
            [person, "gives", service, "its", "tag", "again"] => {
                let tag = |policy: &str| json!({ "tags": [{ "key": TAG, "value": policy }] });
                self.tags(person, service, "TagResource", tag)
            }
            _ => return None,
        })
    }

    /// The action is taken from every role that the template makes.
    fn narrowed(&mut self, action: &str) -> Result<(), String> {
        let mut world = self.stage.sim.world();
        let mut taken = 0;
        for role in permissions::ours() {
            let policies = world.iam.policies_mut(&role.arn);
            let statements = policies.iter_mut().flat_map(|policy| &mut policy.statements);
            for statement in statements.filter(|statement| statement.effect == Effect::Allow) {
                let before = statement.actions.listed().len();
                statement.actions.listed_mut().retain(|listed| listed != action);
                taken += before - statement.actions.listed().len();
            }
        }
        match taken {
            0 => Err(format!("no role of the template allows {action}")),
            _ => Ok(()),
        }
    }

    fn as_deployed(&mut self, action: &str) -> Result<(), String> {
        let mut world = self.stage.sim.world();
        for role in permissions::ours() {
            *world.iam.policies_mut(&role.arn) = vec![role.policy.clone()];
        }
        let allows = |role: &permissions::Role| {
            let mut statements = role.policy.statements.iter();
            statements.any(|statement| statement.actions.listed().iter().any(|listed| listed == action))
        };
        match permissions::ours().iter().any(allows) {
            true => Ok(()),
            false => Err(format!("no role of the template allows {action}")),
        }
    }

    fn tags(
        &mut self,
        person: &str,
        service: &str,
        operation: &str,
        members: impl Fn(&str) -> Value,
    ) -> Result<(), String> {
        let row = self.row_of(service)?;
        let mut world = self.stage.sim.world();
        let mut input = members(&row.name);
        input["resourceArn"] = json!(world.arn("ecs", &format!("service/{}/{service}", row.cluster)));
        let tagged = world.call(person, "ecs", operation, input);
        tagged.map(drop).map_err(|refusal| refusal.to_string())
    }
}
