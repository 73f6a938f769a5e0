use crate::{Release, Role};
use std::collections::BTreeMap;

/// What a rollback has left, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    /// What each service that was touched runs.
    pub services: Vec<String>,
    /// What dead-letter queues have gained meanwhile.
    pub letters: Vec<Letters>,
    /// Whether people were told before that it had failed.
    pub failed_before: bool,
}

/// A dead-letter queue that has gained messages while the revision ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// Queue name.
    pub queue: String,
    /// Its ARN.
    pub arn: String,
    /// How many it gained, at least: what dies while tasks are replaced is not counted.
    pub gained: u64,
}

impl Back {
    /// What a release has left that was taken back.
    pub fn of(release: &Release) -> Back {
        let touched = [Role::Canary, Role::Stable].into_iter().filter_map(|role| {
            let service = release.service(role);
            let touched = service.given.is_some() || service.attempts.count > 0;
            touched.then(|| format!("{} runs its baseline {} again", service.name, service.baseline))
        });
        Back {
            services: touched.collect(),
            letters: letters(release),
            failed_before: release.told_of_failing().is_some(),
        }
    }
}

/// What the queues have gained since either service was given the revision: each is counted anew for stable.
pub(crate) fn letters(release: &Release) -> Vec<Letters> {
    let mut gained: BTreeMap<&str, u64> = BTreeMap::new();
    let given = [&release.canary, &release.stable].into_iter();
    for (queue, letters) in given
        .filter_map(|service| service.given.as_ref())
        .flat_map(|given| &given.dead_letters)
    {
        *gained.entry(queue).or_default() += letters.gained;
    }
    let home = &release.home;
    gained
        .into_iter()
        .filter(|(_, gained)| *gained > 0)
        .map(|(queue, gained)| Letters {
            queue: queue.to_owned(),
            arn: format!("arn:{}:sqs:{}:{}:{queue}", home.partition, home.region, home.account),
            gained,
        })
        .collect()
}

impl Letters {
    /// What somebody with the AWS CLI types to have them worked on again.
    pub fn command(&self) -> String {
        format!("aws sqs start-message-move-task --source-arn {}", self.arn)
    }
}
