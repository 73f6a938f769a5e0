//! What a person does to the live lab over HTTP, below a path that no AWS call has.

use serde_json::Value;
use simulator::faults::Fault;
use simulator::wire::Reply;
use std::collections::BTreeMap;

/// Where controls live.
pub const PATH: &str = "/_lab/";

/// Longest jump at once, in seconds: a week.
const ADVANCE_SECONDS_MAX: u64 = 7 * 86_400;
/// Most messages a minute: a hundred a second, of which an hour still passes in a few seconds.
const MESSAGES_MAX: u32 = 6_000;

/// Something to be done or told.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// What time it is.
    Health,
    /// What can be seen.
    State,
    /// Time passes at once.
    Advance {
        /// How much of it.
        seconds: u64,
    },
    /// A version is built and goes through the pipeline.
    Deploy {
        /// Its name.
        version: String,
    },
    /// A version is built.
    Push {
        /// Its name.
        version: String,
    },
    /// Each task that runs a version fails messages that it receives.
    Poison {
        /// Its name.
        version: String,
        /// So many of a thousand.
        permille: u32,
    },
    /// A version that no task can start.
    CannotStart {
        /// Its name.
        version: String,
    },
    /// So many messages are sent.
    Traffic {
        /// A minute, on average.
        messages: u32,
    },
    /// A person empties the dead-letter queue.
    Purge,
    /// A service of AWS fails for a while.
    Break {
        /// Which.
        service: &'static str,
        /// How.
        fault: Fault,
        /// For how long.
        seconds: i64,
    },
}

/// What is wrong with a request; says what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// For the person who wrote it.
    pub text: String,
}

impl Problem {
    /// A problem.
    pub fn new(status: u16, text: impl Into<String>) -> Problem {
        Problem {
            status,
            text: text.into(),
        }
    }
}

/// Every control, as `serin lab --help` and a wrong path list them: method, route and query, what it does.
pub const CONTROLS: [(&str, &str, &str); 10] = [
    ("GET", "health", "what time it is there"),
    ("GET", "state", "services, queue, pipeline, alarm, phase of the release"),
    ("POST", "advance?seconds=300", "time passes at once, a week at most"),
    (
        "POST",
        "deploy?version=v2",
        "builds a version, starts the pipeline with it",
    ),
    ("POST", "push?version=v2", "builds a version, and starts nothing"),
    (
        "POST",
        "poison?version=v2&permille=1000",
        "its tasks fail so many of a thousand messages",
    ),
    ("POST", "cannot-start?version=v2", "no task of it comes up"),
    ("POST", "traffic?messages=120", "so many messages are sent a minute"),
    ("POST", "purge", "somebody empties the dead-letter queue"),
    (
        "POST",
        "break?service=ecs&how=down&seconds=120",
        "how: down, throttled, silent; of any service",
    ),
];

/// Services that may be broken, by the name the simulator has for them.
const SERVICES: [&str; 10] = [
    "application-autoscaling",
    "cloudwatch",
    "codepipeline",
    "dynamodb",
    "ecr",
    "ecs",
    "elbv2",
    "sqs",
    "ssm",
    "stepfunctions",
];

/// Reads a request.
///
/// # Errors
/// Where it is none, with what to write instead.
pub fn read(method: &str, route: &str, query: &str) -> Result<Control, Problem> {
    let known = CONTROLS
        .iter()
        .find(|(_, shown, _)| shown.split('?').next() == Some(route));
    let Some((wanted, shown, _)) = known else {
        let all: Vec<String> = CONTROLS
            .iter()
            .map(|(method, shown, _)| format!("{method} {PATH}{shown}"))
            .collect();
        return Err(Problem::new(
            404,
            format!("no control {PATH}{route}; there are: {}", all.join(", ")),
        ));
    };
    let example = format!("{wanted} {PATH}{shown}");
    if method != *wanted {
        return Err(Problem::new(
            405,
            format!("{method} is not how it is asked for: {example}"),
        ));
    }
    let fields = Fields::of(query, shown, &example)?;
    Ok(match route {
        "health" => Control::Health,
        "state" => Control::State,
        "advance" => Control::Advance {
            seconds: fields.number("seconds", 1, ADVANCE_SECONDS_MAX)?,
        },
        "deploy" => Control::Deploy {
            version: fields.version()?,
        },
        "push" => Control::Push {
            version: fields.version()?,
        },
        "poison" => Control::Poison {
            version: fields.version()?,
            permille: fields.count("permille", 1000)?,
        },
        "cannot-start" => Control::CannotStart {
            version: fields.version()?,
        },
        "traffic" => Control::Traffic {
            messages: fields.count("messages", MESSAGES_MAX)?,
        },
        "purge" => Control::Purge,
        _ => Control::Break {
            service: fields.service()?,
            fault: fields.fault()?,
            seconds: i64::try_from(fields.number("seconds", 1, ADVANCE_SECONDS_MAX)?).unwrap_or(i64::MAX),
        },
    })
}

/// The fields of a query: exactly those of the example.
struct Fields<'a> {
    found: BTreeMap<&'a str, &'a str>,
    example: &'a str,
}

impl<'a> Fields<'a> {
    fn of(query: &'a str, shown: &str, example: &'a str) -> Result<Fields<'a>, Problem> {
        let names = |text: &str| -> Vec<String> {
            let mut names: Vec<String> = text
                .split('&')
                .filter(|part| !part.is_empty())
                .map(|part| part.split('=').next().unwrap_or_default().to_owned())
                .collect();
            names.sort();
            names
        };
        if names(query) != names(shown.split_once('?').map_or("", |(_, query)| query)) {
            return Err(Problem::new(400, format!("these fields and no others: {example}")));
        }
        let found = query.split('&').filter_map(|part| part.split_once('=')).collect();
        Ok(Fields { found, example })
    }

    fn text(&self, name: &str) -> &'a str {
        self.found.get(name).copied().unwrap_or_default()
    }

    fn wrong(&self, name: &str, wanted: &str) -> Problem {
        Problem::new(400, format!("{name} must be {wanted}: {}", self.example))
    }

    fn number(&self, name: &str, least: u64, most: u64) -> Result<u64, Problem> {
        let number = self
            .text(name)
            .parse()
            .ok()
            .filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.wrong(name, &format!("a whole number from {least} to {most}")))
    }

    fn count(&self, name: &str, most: u32) -> Result<u32, Problem> {
        let number = self.number(name, 0, u64::from(most))?;
        Ok(u32::try_from(number).unwrap_or(most))
    }

    fn version(&self) -> Result<String, Problem> {
        let version = self.text("version");
        let tag = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let fits = (1..=20).contains(&version.len()) && version.chars().all(tag);
        // Its digest is made of its name, which has 32 bytes there, with the policy's.
        fits.then(|| version.to_owned())
            .ok_or_else(|| self.wrong("version", "a tag of 1 to 20 letters, digits, dots and hyphens"))
    }

    fn service(&self) -> Result<&'static str, Problem> {
        let found = SERVICES.iter().find(|service| **service == self.text("service"));
        found
            .copied()
            .ok_or_else(|| self.wrong("service", &format!("one of {}", SERVICES.join(", "))))
    }

    fn fault(&self) -> Result<Fault, Problem> {
        match self.text("how") {
            "down" => Ok(Fault::ServerError),
            "throttled" => Ok(Fault::Throttle),
            "silent" => Ok(Fault::HangAfter),
            _ => Err(self.wrong("how", "down, throttled or silent")),
        }
    }
}

/// A reply in JSON, with a line break for whoever reads it in a terminal.
pub fn reply(status: u16, answer: &Value) -> Reply {
    Reply {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body: format!("{answer:#}\n").into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CONTROLS, Control, PATH, read};
    use simulator::faults::Fault;

    #[test]
    fn every_control_is_read_as_it_is_shown() {
        for (method, shown, _) in CONTROLS {
            let (route, query) = shown.split_once('?').unwrap_or((shown, ""));
            read(method, route, query).unwrap_or_else(|problem| panic!("{shown}: {}", problem.text));
        }
        let broken = read("POST", "break", "seconds=60&how=throttled&service=codepipeline");
        let expected = Control::Break {
            service: "codepipeline",
            fault: Fault::Throttle,
            seconds: 60,
        };
        assert_eq!(broken, Ok(expected));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_write() {
        let cases = [
            ("POST", "nothing", "", 404, "there are: GET /_lab/health"),
            ("GET", "advance", "seconds=1", 405, "POST /_lab/advance?seconds=300"),
            (
                "POST",
                "advance",
                "",
                400,
                "these fields and no others: POST /_lab/advance?seconds=300",
            ),
            ("POST", "advance", "seconds=1&minutes=2", 400, "these fields"),
            ("POST", "advance", "seconds=0", 400, "a whole number from 1 to 604800"),
            ("POST", "advance", "seconds=1e9", 400, "a whole number"),
            ("POST", "advance", "seconds=-1", 400, "a whole number"),
            ("POST", "deploy", "version=", 400, "a tag of 1 to 20"),
            ("POST", "deploy", "version=%76", 400, "a tag of 1 to 20"),
            (
                "POST",
                "break",
                "service=s3&how=down&seconds=1",
                400,
                "one of application-autoscaling, cloudwatch, codepipeline",
            ),
            (
                "POST",
                "break",
                "service=ecs&how=odd&seconds=1",
                400,
                "down, throttled or silent",
            ),
            (
                "POST",
                "poison",
                "version=v2&permille=1001",
                400,
                "a whole number from 0 to 1000",
            ),
        ];
        for (method, route, query, status, says) in cases {
            let problem = read(method, route, query).expect_err(route);
            assert_eq!(problem.status, status, "{route}?{query}: {}", problem.text);
            assert!(problem.text.contains(says), "{route}?{query}: {}", problem.text);
            assert!(problem.text.contains(PATH), "{}", problem.text);
        }
    }
}
