//! The functions that are compared, and how each is started.

use crate::cloud::Cloud;
use crate::measure::Error;
use crate::outcome::Outcome;
use crate::scene::NAMES;
use crate::tls::Roots;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// One of the functions compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Ours.
    Rollback,
    /// The least a Rust function can be.
    Empty,
    /// Row A as it is today.
    Python,
}

/// Where things lie.
pub struct Places {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Subject {
    /// In the order in which they take turns.
    pub const ALL: [Subject; 3] = [Subject::Rollback, Subject::Empty, Subject::Python];

    /// As the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Subject::Rollback => "`rollback`",
            Subject::Empty => "empty Rust function",
            Subject::Python => "Python 3 + boto3",
        }
    }

    /// Whether this is its name on the command line.
    pub fn is_called(self, name: &str) -> bool {
        name == self.word()
    }

    fn word(self) -> &'static str {
        match self {
            Subject::Rollback => "rollback",
            Subject::Empty => "empty",
            Subject::Python => "python",
        }
    }

    /// What an alarm's event leads to.
    pub fn outcome(self) -> Outcome {
        match self {
            Subject::Rollback => Outcome::Baseline,
            Subject::Python => Outcome::LikeStable,
            Subject::Empty => Outcome::Untouched,
        }
    }

    /// Which roots it is told of, so that in the end it reads as many as it would in production.
    fn trusted(self, roots: &Roots) -> &Path {
        match self {
            Subject::Rollback | Subject::Empty => &roots.own,
            Subject::Python => &roots.own_and_public,
        }
    }

    /// What is uploaded to Lambda.
    pub fn artefact(self, places: &Places) -> PathBuf {
        match self {
            Subject::Rollback | Subject::Empty => places.target.join("lambda").join(self.word()).join("bootstrap"),
            Subject::Python => places.root.join("bench/python/function.py"),
        }
    }

    /// Where its output goes.
    pub fn log(self, places: &Places) -> PathBuf {
        places.target.join("bench").join(self.word()).with_extension("log")
    }

    /// Starts the process, with the environment Lambda would give it and nothing else.
    ///
    /// # Errors
    /// What is missing, and the command that makes it.
    pub fn start(self, places: &Places, runtime_api: &str, cloud: &Cloud) -> Result<Child, Error> {
        let artefact = self.artefact(places);
        let made_by = match self {
            Subject::Rollback | Subject::Empty => "make release",
            Subject::Python => "make setup",
        };
        let missing = |path: &Path| Error::Missing {
            path: path.to_owned(),
            made_by,
        };
        if !artefact.exists() {
            return Err(missing(&artefact));
        }
        let mut command = match self {
            Subject::Rollback | Subject::Empty => Command::new(&artefact),
            Subject::Python => {
                let python = places.root.join(".venv-aws/bin/python");
                if !python.exists() {
                    return Err(missing(&python));
                }
                let mut command = Command::new(python);
                command.args(["-m", "awslambdaric", "function.handler"]);
                command
            }
        };
        let log = self.log(places);
        let unwritable = |source| Error::Log {
            path: log.clone(),
            source,
        };
        let out = File::create(&log).map_err(unwritable)?;
        let err = out.try_clone().map_err(unwritable)?;
        command
            .current_dir(artefact.parent().unwrap_or(&places.root))
            .env_clear()
            .envs(self.environment(runtime_api, cloud.endpoint(), cloud.tls().map(|tls| &tls.roots)))
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(|source| Error::Start {
                path: artefact.clone(),
                source,
            })
    }

    fn environment(self, runtime_api: &str, endpoint: String, roots: Option<&Roots>) -> Vec<(&'static str, String)> {
        let fixed = [
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_DEFAULT_REGION", "eu-central-1"),
            ("AWS_LAMBDA_FUNCTION_NAME", "rollback"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/rollback"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/21/[$LATEST]0"),
            ("PATH", "/usr/bin:/bin"),
            ("LANG", "C.UTF-8"),
            // Ours.
            ("SERIN_TABLE", NAMES.table),
            ("SERIN_ACCOUNT", "111122223333"),
            ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
            // The Python function's.
            ("PIPELINE", NAMES.pipeline),
            ("APPROVAL_STAGE", NAMES.approval_stage),
            ("CLUSTER", NAMES.cluster),
            ("STABLE", NAMES.stable),
            ("CANARY", NAMES.canary),
        ];
        let mut all: Vec<(&'static str, String)> =
            fixed.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        all.push(("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()));
        all.push(("AWS_ENDPOINT_URL", endpoint));
        if let Some(roots) = roots {
            all.push(("AWS_CA_BUNDLE", self.trusted(roots).display().to_string()));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Subject;
    use crate::tls::Roots;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    #[test]
    fn each_function_is_told_of_the_roots_it_needs_and_of_nothing_twice() {
        let roots = Roots {
            own: PathBuf::from("own.pem"),
            own_and_public: PathBuf::from("own-and-public.pem"),
        };
        let cases = [
            (Subject::Rollback, "own.pem"),
            (Subject::Empty, "own.pem"),
            (Subject::Python, "own-and-public.pem"),
        ];
        for (subject, file) in cases {
            let told = subject.environment("127.0.0.1:1", "https://127.0.0.1:2".to_owned(), Some(&roots));
            let names: BTreeSet<&str> = told.iter().map(|(name, _)| *name).collect();
            assert_eq!(names.len(), told.len(), "{subject:?}: {told:?}");
            assert!(
                told.contains(&("AWS_CA_BUNDLE", file.to_owned())),
                "{subject:?}: {told:?}"
            );
            let plain = subject.environment("127.0.0.1:1", "http://127.0.0.1:2".to_owned(), None);
            assert_eq!(plain.len() + 1, told.len(), "{subject:?}: {plain:?}");
        }
    }
}
