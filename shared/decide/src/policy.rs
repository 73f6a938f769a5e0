//! The policy: what a team says about its release, read with all its mistakes at once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// How one service is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Name; also the last part of the parameter's name and the value of the tag `serin:policy`.
    pub name: String,
    /// The two services that share the work.
    pub two_services: TwoServices,
    /// How traffic is shared between them.
    pub traffic: Traffic,
    /// What judges the canary.
    pub checks: Vec<Check>,
    /// The pipeline that releases, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
    /// Minutes within which a release must be rolled back, once that has begun.
    pub deadline_minutes: u32,
    /// Shares and bakes, in order; the pipeline's own stages set the share where there is one step.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Minutes a promoted release is watched.
    #[serde(default)]
    pub watch_minutes: u32,
    /// What becomes of the next release during the watch.
    #[serde(default)]
    pub on_new_release: OnNewRelease,
}

/// Canary and stable, in one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoServices {
    /// Cluster name.
    pub cluster: String,
    /// Name of the large service.
    pub stable: String,
    /// Name of the small one, which gets a revision first.
    pub canary: String,
}

/// Who decides which task gets the next piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Traffic {
    /// Both services take from one queue; the share follows the numbers of tasks.
    ConsumerShare {
        /// Most tasks of both services together.
        tasks_max: u32,
    },
}

/// One judge of the canary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Check {
    /// A CloudWatch alarm: it fails while the alarm is in ALARM for what happened since the canary changed.
    Alarm {
        /// Alarm name, in the policy's account and region.
        name: String,
        /// What an alarm means that went to ALARM before the canary changed.
        when_stale: WhenStale,
        /// What INSUFFICIENT_DATA means.
        insufficient_data: InsufficientData,
    },
}

/// What an alarm means that went to ALARM before the canary's deployment was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenStale {
    /// No release goes forward before it has recovered.
    Block,
    /// It counts again once it has recovered and gone to ALARM anew.
    ArmOnRecovery,
    /// It does not count for this release.
    Ignore,
}

/// What an alarm in INSUFFICIENT_DATA means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsufficientData {
    /// As good as OK: the policy's author says so by name.
    Ok,
    /// Neither passes nor fails.
    Undecided,
}

/// The CodePipeline pipeline that releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
}

/// Characters that an SSM Standard parameter holds.
///
/// # Source
/// Amazon EC2 Systems Manager, "Managing parameter tiers".
pub const CHARACTERS_MAX: usize = 4096;

/// Minutes a rollback may take where the policy does not say.
const DEADLINE_MINUTES: u32 = 30;

/// One thing wrong with a policy: where, what, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Path of the field (`two_services.canary`); empty for the document as a whole.
    pub field: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.text),
            field => write!(f, "{field}: {}", self.text),
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Share of the canary in a thousand.
    pub share_permille: u32,
    /// Minutes it is judged.
    pub bake_minutes: u32,
}

/// What becomes of the next release during the watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnNewRelease {
    /// It waits until the watch has ended.
    #[default]
    Hold,
    /// It starts; the watch runs on inside it.
    Continue,
}

impl Policy {
    /// Minutes from the canary's deployment until every step is baked.
    pub fn bake_minutes(&self) -> u32 {
        self.steps.iter().map(|step| step.bake_minutes).sum()
    }

    /// Reads a policy document.
    ///
    /// # Errors
    /// All mistakes at once. Nothing is clamped, and nothing that moves traffic has a default.
    pub fn read(text: &str) -> Result<Policy, Vec<Mistake>> {
        let document: Value = serde_json::from_str(text).map_err(|error| {
            vec![Mistake {
                field: String::new(),
                text: format!("is not JSON ({error}); check the comma or brace before that place"),
            }]
        })?;
        let mut reader = Reader::default();
        let characters = text.chars().count();
        if characters > CHARACTERS_MAX {
            reader.mistake(
                "",
                format!(
                    "has {characters} characters, an SSM Standard parameter holds {CHARACTERS_MAX}; \
                     shorten it, or store it with Tier: Advanced (8 192 characters) and accept its price"
                ),
            );
        }
        let policy = reader.policy(&document);
        match policy {
            Some(policy) if reader.mistakes.is_empty() => Ok(policy),
            _ => Err(reader.mistakes),
        }
    }

    /// Names of the CloudWatch alarms that judge this policy's releases.
    pub fn alarms(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().map(|Check::Alarm { name, .. }| name.as_str())
    }
}

/// Walks the document and collects mistakes instead of stopping at the first.
#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn mistake(&mut self, field: &str, text: impl Into<String>) {
        self.mistakes.push(Mistake {
            field: field.to_owned(),
            text: text.into(),
        });
    }

    fn policy(&mut self, document: &Value) -> Option<Policy> {
        let known = [
            "name",
            "two_services",
            "traffic",
            "checks",
            "pipeline",
            "deadline_minutes",
        ];
        let members = self.members("", Some(document), &known)?;
        let name = self.name("name", members.get("name"));
        let two_services = self.two_services(members.get("two_services"));
        let traffic = self.traffic(members.get("traffic"));
        let checks = self.checks(members.get("checks"));
        let pipeline = match members.get("pipeline") {
            None => Some(None),
            some => self.pipeline(some).map(Some),
        };
        let deadline_minutes = match members.get("deadline_minutes") {
            None => Some(DEADLINE_MINUTES),
            some => self.number("deadline_minutes", some, 5, 1_440, "minutes"),
        };
        Some(Policy {
            name: name?,
            two_services: two_services?,
            traffic: traffic?,
            checks: checks?,
            pipeline: pipeline?,
            deadline_minutes: deadline_minutes?,
            steps: Vec::new(),
            watch_minutes: 0,
            on_new_release: OnNewRelease::Hold,
        })
    }

    fn two_services(&mut self, value: Option<&Value>) -> Option<TwoServices> {
        let members = self.members("two_services", value, &["cluster", "stable", "canary"])?;
        let cluster = self.aws_name("two_services.cluster", members.get("cluster"));
        let stable = self.aws_name("two_services.stable", members.get("stable"));
        let canary = self.aws_name("two_services.canary", members.get("canary"));
        if stable.is_some() && stable == canary {
            self.mistake(
                "two_services.canary",
                "is the stable service itself; name the small service that gets a revision first",
            );
            return None;
        }
        Some(TwoServices {
            cluster: cluster?,
            stable: stable?,
            canary: canary?,
        })
    }

    fn traffic(&mut self, value: Option<&Value>) -> Option<Traffic> {
        let kind = self.kind("traffic", value, &["consumer_share"])?;
        match kind {
            "consumer_share" => {
                let members = self.members("traffic", value, &["kind", "tasks_max"])?;
                let tasks_max = self.number("traffic.tasks_max", members.get("tasks_max"), 2, 5_000, "tasks")?;
                Some(Traffic::ConsumerShare { tasks_max })
            }
            _ => None,
        }
    }

    fn checks(&mut self, value: Option<&Value>) -> Option<Vec<Check>> {
        let Some(items) = value.and_then(Value::as_array).filter(|items| !items.is_empty()) else {
            self.mistake(
                "checks",
                "must be a list of at least one check, or nothing would ever roll a release back",
            );
            return None;
        };
        let checks: Vec<Option<Check>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.check(&format!("checks[{index}]"), item))
            .collect();
        let checks: Vec<Check> = checks.into_iter().collect::<Option<_>>()?;
        let mut seen = BTreeSet::new();
        for (index, Check::Alarm { name, .. }) in checks.iter().enumerate() {
            if !seen.insert(name) {
                self.mistake(
                    &format!("checks[{index}].name"),
                    format!("names the alarm {name} a second time; one check each"),
                );
            }
        }
        Some(checks)
    }

    fn check(&mut self, field: &str, value: &Value) -> Option<Check> {
        match self.kind(field, Some(value), &["alarm"])? {
            "alarm" => {
                let members = self.members(field, Some(value), &["kind", "name", "when_stale", "insufficient_data"])?;
                let name = self.alarm_name(&format!("{field}.name"), members.get("name"));
                let stale = [
                    ("block", WhenStale::Block),
                    ("arm_on_recovery", WhenStale::ArmOnRecovery),
                    ("ignore", WhenStale::Ignore),
                ];
                let when_stale = self.one_of(&format!("{field}.when_stale"), members.get("when_stale"), &stale);
                let missing = [("ok", InsufficientData::Ok), ("undecided", InsufficientData::Undecided)];
                let insufficient_data = self.one_of(
                    &format!("{field}.insufficient_data"),
                    members.get("insufficient_data"),
                    &missing,
                );
                Some(Check::Alarm {
                    name: name?,
                    when_stale: when_stale?,
                    insufficient_data: insufficient_data?,
                })
            }
            _ => None,
        }
    }

    fn pipeline(&mut self, value: Option<&Value>) -> Option<Pipeline> {
        let members = self.members("pipeline", value, &["name"])?;
        let name = self.text("pipeline.name", members.get("name"))?;
        let fits = name.len() <= 100 && name.chars().all(|c| c.is_ascii_alphanumeric() || ".@-_".contains(c));
        if !fits {
            self.mistake(
                "pipeline.name",
                "must be a pipeline's name: 1 to 100 of A-Z a-z 0-9 . @ - _",
            );
            return None;
        }
        Some(Pipeline { name })
    }

    /// An object with no members but the known ones.
    fn members<'v>(&mut self, field: &str, value: Option<&'v Value>, known: &[&str]) -> Option<&'v Map<String, Value>> {
        let Some(members) = value.and_then(Value::as_object) else {
            let text = if value.is_none() {
                "is missing"
            } else {
                "must be an object"
            };
            self.mistake(field, format!("{text}; it has the fields {}", known.join(", ")));
            return None;
        };
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let place = if field.is_empty() {
                bounded(name)
            } else {
                format!("{field}.{}", bounded(name))
            };
            self.mistake(
                &place,
                format!("is not a known field; known here: {}", known.join(", ")),
            );
        }
        Some(members)
    }

    fn kind<'v>(&mut self, field: &str, value: Option<&'v Value>, kinds: &[&str]) -> Option<&'v str> {
        let kind = value.and_then(|value| value.get("kind")).and_then(Value::as_str);
        if kind.is_some_and(|kind| kinds.contains(&kind)) {
            return kind;
        }
        self.mistake(
            &format!("{field}.kind"),
            format!("must be one of: {}", kinds.join(", ")),
        );
        None
    }

    fn text(&mut self, field: &str, value: Option<&Value>) -> Option<String> {
        let text = value.and_then(Value::as_str).filter(|text| !text.is_empty());
        if text.is_none() {
            self.mistake(
                field,
                if value.is_none() {
                    "is missing"
                } else {
                    "must be a text that is not empty"
                },
            );
        }
        text.map(str::to_owned)
    }

    /// The policy's own name goes into ARNs, tags, Step Functions names and CodePipeline reasons.
    fn name(&mut self, field: &str, value: Option<&Value>) -> Option<String> {
        let name = self.text(field, value)?;
        let fits = name.len() <= 32
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !fits {
            self.mistake(field, "must be 1 to 32 of a-z 0-9 -, beginning with a letter");
            return None;
        }
        Some(name)
    }

    fn aws_name(&mut self, field: &str, value: Option<&Value>) -> Option<String> {
        let name = self.text(field, value)?;
        let fits = name.len() <= 255 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !fits {
            self.mistake(field, "must be a name, not an ARN: 1 to 255 of A-Z a-z 0-9 - _");
            return None;
        }
        Some(name)
    }

    fn alarm_name(&mut self, field: &str, value: Option<&Value>) -> Option<String> {
        let name = self.text(field, value)?;
        if name.starts_with("arn:") || name.chars().count() > 255 {
            self.mistake(field, "must be an alarm's name, not its ARN, of at most 255 characters");
            return None;
        }
        Some(name)
    }

    fn number(&mut self, field: &str, value: Option<&Value>, min: u32, max: u32, unit: &str) -> Option<u32> {
        let number = value
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| (min..=max).contains(n));
        if number.is_none() {
            let found = value.map_or("nothing".to_owned(), |value| bounded(&value.to_string()));
            self.mistake(
                field,
                format!("must be a whole number of {unit} from {min} to {max}, not {found}"),
            );
        }
        number
    }

    fn one_of<T: Copy>(&mut self, field: &str, value: Option<&Value>, choices: &[(&str, T)]) -> Option<T> {
        let chosen = value
            .and_then(Value::as_str)
            .and_then(|text| choices.iter().find(|(name, _)| *name == text));
        if chosen.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.mistake(
                field,
                format!("must be one of: {}; there is no default", names.join(", ")),
            );
        }
        chosen.map(|(_, value)| *value)
    }
}

fn bounded(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if text.chars().count() > 60 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
