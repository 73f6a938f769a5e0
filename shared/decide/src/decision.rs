use crate::{Approval, Notice, Release, Role, Suspended, Weights};

/// What is to be, complete: whoever carries it out has nothing left to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The release as it is to be written down, before anything is done. Unchanged means nothing to write.
    pub next: Release,
    /// The reason, for people; also for waiting.
    pub because: String,
    /// What to do. Lanes run at the same time and do not wait for each other; within a lane one
    /// thing follows the other, whatever became of the one before, but for [`Action::StopTasks`].
    pub lanes: Vec<Vec<Action>>,
    /// What people are told, once all of that was done: no act waits for a notice. What is said of a release that
    /// closes is written down in the same moment, so that it is said whoever dies then.
    pub notices: Vec<Notice>,
    /// The release that takes the place of this one, written down in the same moment. Only where this
    /// one closes.
    pub successor: Option<Box<Release>>,
    /// When to look again; nothing where the release is closed.
    pub look_again_seconds: Option<u32>,
}

/// One call, or a few that belong together, on AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Give a service a task definition it had.
    Restore {
        /// Which service.
        role: Role,
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// What to give it.
        task_definition: String,
    },
    /// Have ECS try again what it has given up, by a new deployment of the same definition.
    Redeploy {
        /// Which service.
        role: Role,
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// What it is to run.
        task_definition: String,
    },
    /// Have ECS roll back the deployment in flight, whose source is the wanted revision.
    RollBackDeployment {
        /// Which service.
        role: Role,
        /// ARN of the service deployment.
        service_deployment: String,
    },
    /// Stop the tasks of deployments that ECS is replacing. Where an act comes before it in its lane, only if that
    /// was done: ECS would put the same in their place.
    StopTasks {
        /// Which service.
        role: Role,
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// Their ECS deployments (`ecs-svc/…`).
        deployments: Vec<String>,
        /// What people read there.
        reason: String,
    },
    /// Register a copy of a definition that can no longer be used, its images by digest.
    RegisterAgain {
        /// Which service.
        role: Role,
        /// ARN of the definition to copy.
        task_definition: String,
        /// Image digest by container.
        images: crate::Images,
    },
    /// Register the canary's own definition with the images that an explicit start names.
    RegisterRelease {
        /// ARN of the canary's definition.
        task_definition: String,
        /// Image by container, each `repository@digest`.
        images: crate::Images,
    },
    /// Give the canary what was registered for it.
    Deploy {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// What to give it.
        task_definition: String,
    },
    /// Register stable's own definition with the images that the canary runs.
    RegisterPromotion {
        /// ARN of stable's definition.
        task_definition: String,
        /// Image digest by container: what is released.
        images: crate::Images,
        /// The names by which the canary's definition spells these images.
        names: crate::Images,
    },
    /// Give stable what was registered for it.
    Promote {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// What to give it.
        task_definition: String,
    },
    /// Give the canary a number of tasks.
    Scale {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// How many.
        tasks: u32,
    },
    /// Set the weights of two target groups in a load balancer's rule, and nothing else of it.
    Shift {
        /// ARN of the listener rule, or of the listener whose default action it is.
        rule: String,
        /// ARN of the canary's target group.
        canary: String,
        /// ARN of stable's.
        stable: String,
        /// What they are to be.
        weights: Weights,
        /// What they must still be; nothing where it does not matter.
        instead_of: Option<Weights>,
    },
    /// Approve an open manual approval that asks Serin.
    Approve {
        /// Pipeline name.
        pipeline: String,
        /// Which one.
        approval: Approval,
        /// The evidence; at most 512 characters.
        summary: String,
    },
    /// Suspend a service's automatic scaling, or give it back: all three of its parts at once.
    Suspend {
        /// Cluster name.
        cluster: String,
        /// Service name.
        service: String,
        /// What is suspended from then on.
        suspended: Suspended,
    },
    /// Reject an open manual approval.
    Reject {
        /// Pipeline name.
        pipeline: String,
        /// Which one.
        approval: Approval,
        /// What people read there; at most 512 characters.
        summary: String,
    },
    /// Disable the way into the stage that promotes.
    Hold {
        /// Pipeline name.
        pipeline: String,
        /// Stage name.
        stage: String,
        /// Names the release; only characters that CodePipeline takes.
        reason: String,
    },
    /// Enable the way into a stage again, that we disabled.
    Release {
        /// Pipeline name.
        pipeline: String,
        /// Stage name.
        stage: String,
    },
    /// Stop the execution.
    Stop {
        /// Pipeline name.
        pipeline: String,
        /// Execution id.
        execution: String,
        /// Whether running actions are abandoned instead of waited for.
        abandon: bool,
        /// What people read there; at most 200 characters.
        reason: String,
    },
}
