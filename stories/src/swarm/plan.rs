//! What will happen in a history, as it can be read and told before anything happens.

use crate::whole::Cut;
use decide::Role;
use simulator::Chaos;
use simulator::faults::Fault;
use simulator::workload::OnSigterm;
use std::fmt;

/// How a version turns out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It works.
    Good,
    /// Each of its tasks fails every message that it receives.
    Poisonous,
    /// Its tasks never start.
    FailsToStart,
    /// Its tasks start and stop again.
    Crashes,
    /// Its tasks answer most visitors with an error.
    Errs,
    /// Its tasks answer so few visitors with an error that it hardly shows before they answer all of them.
    ErrsSeldom,
    /// Its tasks answer visitors slowly.
    Slow,
}

/// Two services that exchange their roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swap {
    /// `retire`.
    pub retire: &'static str,
    /// Whether the side that is to be the first canary has no tasks in the beginning.
    pub is_empty: bool,
    /// Whether that side's group is in the rule in the beginning.
    pub is_in_rule: bool,
}

/// How a policy's services begin where they have never run anything: what a team has on its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstDay {
    /// Created a moment before, with a version that works.
    JustCreated,
    /// Created with an image that nobody has pushed yet: no task of it can start.
    Placeholder,
    /// Created with a version that works, and desired count 0.
    WithoutTasks,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A person creates both services, whose policy is there already.
    Create {
        /// With what.
        how: FirstDay,
    },
    /// A person sees to it that a service which has never run a task runs the first version.
    BringUp,
    /// The pipeline is started with a version.
    Release {
        /// Number of the version.
        version: u32,
        /// How it turns out, if it is new.
        nature: Nature,
    },
    /// A person approves what waits.
    Approve,
    /// A person approves in the very moment in which a rollback rejects it, and is quicker.
    ApproveFirst,
    /// A person rejects what waits.
    Reject,
    /// A person stops the newest execution.
    Stop {
        /// Not waiting for what is under way.
        abandon: bool,
    },
    /// A person has the stage that failed tried again.
    Retry,
    /// A person deploys a version to a service by hand.
    Deploy {
        /// Which service.
        role: Role,
        /// Number of the version.
        version: u32,
    },
    /// A person changes nothing but a service's environment.
    Reconfigure {
        /// Which service.
        role: Role,
    },
    /// A person empties the dead-letter queue.
    Purge,
    /// A person takes the definition that a service runs out of use.
    Deregister {
        /// Which service.
        role: Role,
    },
    /// A tag is moved to another image.
    MoveTag {
        /// Number of the version whose tag it is.
        version: u32,
    },
    /// An image is deleted.
    DeleteImage {
        /// Number of the version.
        version: u32,
    },
    /// The policy is edited into nonsense.
    SpoilPolicy,
    /// The policy is put back.
    MendPolicy,
    /// The next Serin writes the document of the open release, and this one goes on with it.
    Upgrade,
    /// A person stops the clock of the open release.
    StopClock,
    /// ECS undoes the next deployments of a service.
    Undo {
        /// Which service.
        role: Role,
        /// How many.
        times: u32,
    },
    /// CodePipeline rolls the canary's stage back to an earlier execution.
    RollBackStage,
    /// A person orders something of the newest release.
    Order {
        /// `abort`, `approve`, `promote` or `skip`.
        kind: &'static str,
    },
    /// A person has nothing move forward for a while.
    Freeze {
        /// Minutes.
        minutes: i64,
    },
    /// A person lets it move again.
    Thaw,
    /// An earlier start by hand is sent again.
    StartAgain {
        /// How many came after it.
        back: usize,
    },
    /// A person gives both target groups of a load balancer's rule other weights.
    Weigh {
        /// Of the canary's, as the policy is written.
        canary: u32,
        /// Of stable's.
        stable: u32,
    },
    /// A person takes a service's target group out of the rule.
    TakeOut {
        /// Which service, as the policy is written.
        role: Role,
    },
    /// A person has the rule answer by itself.
    CloseRule,
    /// A person puts right what people have done to the rule.
    MendRule,
    /// A person deletes the rule.
    DeleteRule,
}

/// Something that happens at some moment to one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// Seconds after the beginning.
    pub at: i64,
    /// To whom, by its place among the policies.
    pub policy: usize,
    /// What.
    pub act: Act,
}

/// Something that breaks for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// Which service answers wrongly.
    pub service: &'static str,
    /// How.
    pub fault: Fault,
    /// Chance in a thousand that a call meets it.
    pub permille: u32,
    /// Seconds after the beginning.
    pub from: i64,
    /// For how many seconds.
    pub seconds: i64,
}

/// One function dies in the middle of its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// Its name.
    pub function: &'static str,
    /// After how many calls.
    pub calls: u32,
    /// Seconds after the beginning; the next invocation from then on.
    pub at: i64,
}

/// One policy and the pipeline it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// With or without our own action.
    pub cut: Cut,
    /// QUEUED instead of SUPERSEDED.
    pub queued: bool,
    /// Minutes after which the deploy actions give up.
    pub deployment_timeout: u32,
    /// `on_new_release`.
    pub on_new_release: &'static str,
    /// `rollback`.
    pub rollback: &'static str,
    /// `dry_run`.
    pub dry_run: bool,
    /// `approval`, where the policy names no pipeline and every release is started by hand.
    pub by_hand: Option<&'static str>,
    /// Minutes after the beginning at which a window of its `freeze` begins, and how many it lasts.
    pub window: Option<(i64, i64)>,
    /// Whether a load balancer stands before its services, and sessions stick.
    pub balanced: Option<bool>,
    /// How both exchange their roles, where they do.
    pub swap: Option<Swap>,
    /// `when_stale`.
    pub when_stale: &'static str,
    /// `when_undecided.then`.
    pub when_undecided: &'static str,
    /// `watch_minutes`.
    pub watch_minutes: i64,
    /// Minutes that its one step bakes; 0 writes no step.
    pub bake_minutes: i64,
    /// Messages that are sent in a minute, on average.
    pub messages: u32,
    /// `maxReceiveCount` of its queue.
    pub receives_max: u32,
    /// What its workers do when they are told to stop.
    pub on_sigterm: OnSigterm,
    /// How its services begin, where they are created in this history.
    pub first_day: Option<FirstDay>,
    /// Its pipeline, where that is none of the usual: one of [`SHAPES`].
    pub shape: Option<(&'static str, &'static str)>,
}

impl Setting {
    /// Whether its pipeline has an action of this kind.
    pub fn has(&self, kind: &str) -> bool {
        self.shape.is_some_and(|(_, stages)| stages.contains(kind))
    }
}

/// Pipelines that teams have otherwise: what is meant, and the stages in the words of told stories.
pub const SHAPES: [(&str, &str); 7] = [
    (
        "a test between canary and gate",
        "source Code, build Pack, canary Tasting, test Load, approval Boss, stable Everybody",
    ),
    (
        "several approvals",
        "source Code, build Pack, open Serin + canary Tasting, approval QA, approval Boss, stable Everybody, test Afterwards",
    ),
    (
        "Serin approves",
        "source Code, build Pack, open Serin + canary Tasting, approve Word, stable Everybody",
    ),
    (
        "Serin approves and promotes",
        "source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody",
    ),
    (
        "a person approves, Serin promotes",
        "source Code, build Pack, canary Tasting, approval Boss, promote Everybody",
    ),
    ("no gate at all", "source Code, build Pack, canary Small + stable Large"),
    (
        "a stage that CodePipeline rolls back",
        "source Code, build Pack, canary Small + test Smoke or rolled back, approval Ask, stable Large",
    ),
];

/// Pipelines whose manual approval asks Serin, which answers it, or tells a person.
pub const ASKING: [(&str, &str); 2] = [
    (
        "Serin answers a manual approval",
        "source Code, build Pack, open Serin + canary Tasting, asks Boss, stable Everybody",
    ),
    (
        "a person is told, and approves",
        "source Code, build Pack, canary Tasting, test Load, asks Boss, stable Everybody",
    ),
];

/// A history before it happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it was drawn from.
    pub seed: u64,
    /// The policies.
    pub settings: Vec<Setting>,
    /// What happens, in order.
    pub happenings: Vec<Happening>,
    /// What breaks.
    pub troubles: Vec<Trouble>,
    /// Who dies.
    pub deaths: Vec<Death>,
    /// How messages fare.
    pub chaos: Chaos,
    /// How old ECS's answers are.
    pub stale_seconds: i64,
    /// How the standard deploy action behaves where AWS does not say.
    pub action_succeeds_after_rollback: bool,
    /// An abandoned deploy action still writes, so many seconds later.
    pub late_write: Option<i64>,
    /// When everything that is broken is whole again.
    pub calm_from: i64,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        for setting in &self.settings {
            writeln!(f, "  {setting:?}")?;
        }
        writeln!(f, "  {:?}, answers of ECS {} s old", self.chaos, self.stale_seconds)?;
        writeln!(
            f,
            "  deploy action succeeds after a rollback: {}, abandoned it writes after {:?} s",
            self.action_succeeds_after_rollback, self.late_write
        )?;
        for trouble in &self.troubles {
            writeln!(f, "  {trouble:?}")?;
        }
        for death in &self.deaths {
            writeln!(f, "  {death:?}")?;
        }
        for happening in &self.happenings {
            let name = self.settings.get(happening.policy).map_or("?", |setting| setting.name);
            writeln!(f, "  {:>5} s {name}: {:?}", happening.at, happening.act)?;
        }
        writeln!(f, "  calm from {} s", self.calm_from)
    }
}
