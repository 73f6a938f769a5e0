use crate::{At, Home, Policy, Release, Start, bounded, short};

/// Longest cause that a notice quotes, in characters: an alarm's reason may be long.
const CAUSE_CHARS_MAX: usize = 600;

/// Whose notice it is: what stands in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Policy name.
    pub policy: String,
    /// The topic of the policy's own that people hear it by; none: Serin's.
    pub topic: Option<String>,
    /// Whether Serin only says what it would do.
    pub dry_run: bool,
    /// Release id.
    pub release: String,
    /// Name of the phase that the release is in.
    pub phase: &'static str,
    /// Why it is rolled back, or was, bounded and harmless.
    pub cause: Option<String>,
    /// `family:revision` that is released, once something was given to a service.
    pub revision: Option<String>,
    /// Pipeline name and execution id, where a pipeline releases.
    pub run: Option<(String, String)>,
    /// ARNs of both services, and of the pipeline.
    pub resources: Vec<String>,
    /// Since when what it says has been so.
    pub at: At,
}

impl About {
    /// What stands in every notice of a release.
    pub fn of(policy: &Policy, release: &Release, at: At) -> About {
        let cause = release.phase.cause().map(ToString::to_string);
        let given = release.armed().map(|given| short(&given.task_definition));
        let home = &release.home;
        let services = [&release.canary.name, &release.stable.name];
        let services = services.map(|name| home.service_arn(&release.cluster, name));
        let run = release.pipeline.as_ref();
        About {
            policy: policy.name.clone(),
            topic: policy.notify.clone(),
            dry_run: policy.dry_run,
            release: release.id.clone(),
            phase: release.phase.name(),
            cause: cause.map(|cause| bounded(&cause, CAUSE_CHARS_MAX)),
            revision: given.map(|given| bounded(given, CAUSE_CHARS_MAX)),
            run: run.map(|run| (run.name.clone(), run.execution.clone())),
            resources: services
                .into_iter()
                .chain(run.map(|run| home.pipeline_arn(&run.name)))
                .collect(),
            at,
        }
    }

    /// What stands in a notice of a start whose release is not open yet; it is named by the id that it will have.
    pub fn of_start(policy: &Policy, start: &Start, home: &Home, at: At) -> About {
        let services = &policy.two_services;
        let names = [&services.canary, &services.stable];
        About {
            policy: policy.name.clone(),
            topic: policy.notify.clone(),
            dry_run: policy.dry_run,
            release: start.release_id(&policy.name),
            phase: "waiting",
            cause: None,
            revision: None,
            run: None,
            resources: names.map(|name| home.service_arn(&services.cluster, name)).to_vec(),
            at,
        }
    }

    /// The revision, or the release where nothing was given to any service yet.
    pub(super) fn what(&self) -> &str {
        self.revision.as_deref().unwrap_or(&self.release)
    }
}
