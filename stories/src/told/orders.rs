//! What people order of Serin, as the command line sends it.

use super::{Played, Told};
use serde_json::{Value, json};

/// Where a person's role stands in what AWS STS says of them.
const ROLE: &str = "arn:aws:sts::111122223333:assumed-role/team";

impl Told {
    pub(super) fn orders(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            [person, "orders", kind, "of", name, "because", ref why @ ..] => {
                let release = super::ask::releases(&self.stage, name);
                let release = release.last().map_or(Value::Null, |release| release["id"].clone());
                self.ordered(person, name, json!({ "kind": kind, "release": release }), why)
            }
            [person, "orders", kind, "of", name, version, "because", ref why @ ..] => {
                let execution = match self.execution(&format!("{name} {version}")) {
                    Ok(execution) => execution,
                    Err(error) => return Some(Err(error)),
                };
                let releases = super::ask::releases(&self.stage, name);
                let own = |release: &&Value| release["pipeline"]["execution"] == execution.as_str();
                let release = releases
                    .iter()
                    .rfind(own)
                    .map_or(Value::Null, |release| release["id"].clone());
                self.ordered(person, name, json!({ "kind": kind, "release": release }), why)
            }
            [person, "freezes", "all", "because", ref why @ ..] => self.all(person, &json!({ "kind": "freeze" }), why),
            [person, "thaws", "all", "because", ref why @ ..] => self.all(person, &json!({ "kind": "thaw" }), why),
            [person, "freezes", name, "until", until, "because", ref why @ ..] => {
                self.ordered(person, name, json!({ "kind": "freeze", "until": until }), why)
            }
            [person, "freezes", name, "because", ref why @ ..] => {
                self.ordered(person, name, json!({ "kind": "freeze" }), why)
            }
            [person, "thaws", name, "because", ref why @ ..] => {
                self.ordered(person, name, json!({ "kind": "thaw" }), why)
            }
            [
                person,
                "releases",
                version,
                "of",
                name,
                "by",
                "hand",
                "because",
                ref why @ ..,
            ] => self.starts(person, name, version, false, why),
            [
                person,
                "releases",
                version,
                "of",
                name,
                "despite",
                "its",
                "alarm",
                "because",
                ref why @ ..,
            ] => self.starts(person, name, version, true, why),
            ["start", number, "is", "sent", "again"] => self.sent_again(number, None),
            ["start", number, "is", "sent", "again", "with", version, "of", name] => {
                self.sent_again(number, Some((version, name)))
            }
            ["execution", execution, "starts", version, "of", name] => self.by_machine(execution, name, version),
            _ => return None,
        })
    }

    /// As `serin release` sends it.
    fn starts(
        &mut self,
        person: &str,
        name: &str,
        version: &str,
        despite_alarm: bool,
        why: &[&str],
    ) -> Result<(), String> {
        self.given += 1;
        let row = self.row(name)?;
        let image = row.image(version);
        let repository = image
            .rsplit_once(':')
            .map_or(image.as_str(), |(repository, _)| repository);
        let image = match version.contains(':') {
            // No digest at all, as somebody writes it who does not know.
            true => format!("{repository}:{}", version.trim_start_matches(':')),
            false => format!("{repository}@{}", row.digest(version)),
        };
        let payload = json!({
            "policy": name, "images": {"worker": image},
            "start": {
                "id": format!("start-{}", self.given), "by": format!("{ROLE}/{person}"), "why": why.join(" "),
                "despite_alarm": despite_alarm,
            },
        });
        self.started.push(payload.clone());
        self.stage.sim.start("open", payload);
        Ok(())
    }

    /// An earlier start, counted from one: by Lambda, or by a tool that did not hear the answer.
    fn sent_again(&mut self, number: &str, of: Option<(&str, &str)>) -> Result<(), String> {
        let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let sent = place.and_then(|place| self.started.get(place));
        let mut payload = sent.cloned().ok_or_else(|| format!("{number}: no such start"))?;
        if let Some((version, name)) = of {
            let row = self.row(name)?;
            let image = row.image(version);
            let (repository, _) = image.rsplit_once(':').unwrap_or((image.as_str(), ""));
            payload["images"]["worker"] = json!(format!("{repository}@{}", row.digest(version)));
        }
        self.stage.sim.start("open", payload);
        Ok(())
    }

    /// An execution of the state machine that starts releases, as any tool starts one.
    fn by_machine(&mut self, execution: &str, name: &str, version: &str) -> Result<(), String> {
        let row = self.row(name)?;
        let image = row.image(version);
        let repository = image
            .rsplit_once(':')
            .map_or(image.as_str(), |(repository, _)| repository);
        let input = json!({
            "policy": name, "images": {"worker": format!("{repository}@{}", row.digest(version))},
        });
        let mut world = self.stage.sim.world();
        let request = json!({
            "stateMachineArn": world.arn("states", "stateMachine:serin-start"), "name": execution,
            "input": input.to_string(),
        });
        let started = world.call("a tool", "stepfunctions", "StartExecution", request);
        started.map(|_| ()).map_err(|refusal| refusal.to_string())
    }

    /// One policy after the other, as the command line walks them.
    fn all(&mut self, person: &str, order: &Value, why: &[&str]) -> Result<(), String> {
        let names: Vec<String> = self.stage.rows.keys().cloned().collect();
        names
            .iter()
            .try_for_each(|name| self.ordered(person, name, order.clone(), why))
    }

    fn ordered(&mut self, person: &str, name: &str, mut order: Value, why: &[&str]) -> Result<(), String> {
        self.given += 1;
        order["id"] = json!(format!("order-{}", self.given));
        order["by"] = json!(format!("{ROLE}/{person}"));
        order["why"] = json!(why.join(" "));
        let payload = json!({ "policy": name, "order": order });
        self.stage.sim.start("advance", payload);
        Ok(())
    }
}
