//! What will happen in a history, drawn from its seed before anything happens: so it can be read and told.

use crate::whole::Cut;
use decide::Role;
use fastrand::Rng;
use simulator::Chaos;
use simulator::faults::Fault;
use simulator::workload::OnSigterm;
use std::fmt;

/// Names of policies; each begins like the one before.
const NAMES: [&str; 3] = ["order", "orders", "orders-eu"];

/// Services that may be broken, by the names of their endpoints.
const SERVICES: [&str; 7] = [
    "ecs",
    "codepipeline",
    "cloudwatch",
    "dynamodb",
    "ssm",
    "stepfunctions",
    "ecr",
];

/// Our functions, by the names of their invocations.
const FUNCTIONS: [&str; 6] = ["rollback", "advance", "open", "approve", "promote", "watch"];

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
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
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

impl Plan {
    /// Draws one.
    pub fn of(seed: u64) -> Plan {
        let mut rng = Rng::with_seed(seed ^ 0x5e1_1a9);
        let rng = &mut rng;
        let count = pick(rng, &[1, 1, 1, 2, 2, 3]);
        // Of its own, so that what is drawn for it moves nothing else.
        let traffic = &mut Rng::with_seed(seed.rotate_left(32) ^ 0x9eae);
        let mut settings: Vec<Setting> = NAMES.iter().map(|name| setting(rng, traffic, name)).collect();
        rng.shuffle(&mut settings);
        settings.truncate(count);
        let calm_from = rng.i64(15..60) * 60;
        let mut happenings: Vec<Happening> = (0..count).flat_map(|policy| life(rng, policy, calm_from)).collect();
        let mut troubles = troubles(rng, calm_from);
        seldom(&mut Rng::with_seed(!seed), &mut happenings, &mut troubles, calm_from);
        happenings.sort_by_key(|happening| (happening.at, happening.policy));
        Plan {
            seed,
            settings,
            happenings,
            troubles,
            deaths: deaths(rng, calm_from),
            chaos: chaos(rng),
            stale_seconds: pick(rng, &[0, 0, 0, 3, 10, 20]),
            action_succeeds_after_rollback: rng.bool(),
            late_write: rng.bool().then(|| rng.i64(30..600)),
            calm_from,
        }
    }
}

fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

fn setting(rng: &mut Rng, traffic: &mut Rng, name: &'static str) -> Setting {
    Setting {
        name,
        cut: pick(rng, &[Cut::WithOpen, Cut::Plain]),
        queued: rng.u32(..3) == 0,
        deployment_timeout: pick(rng, &[15, 60]),
        on_new_release: pick(rng, &["hold", "continue"]),
        when_stale: pick(rng, &["arm_on_recovery", "arm_on_recovery", "block", "ignore"]),
        when_undecided: pick(rng, &["hold", "roll_back", "go_on"]),
        watch_minutes: pick(rng, &[2, 5, 15]),
        bake_minutes: pick(rng, &[0, 0, 1, 3]),
        messages: pick(traffic, &[30, 60, 120]),
        receives_max: pick(traffic, &[1, 1, 1, 2]),
        on_sigterm: pick(traffic, &[OnSigterm::Finishes, OnSigterm::Finishes, OnSigterm::Ignores]),
        shape: SHAPES.get(traffic.usize(..4 * SHAPES.len())).copied(),
    }
}

/// What one policy goes through: a few releases, and people around them.
fn life(rng: &mut Rng, policy: usize, until: i64) -> Vec<Happening> {
    let mut happenings = Vec::new();
    let mut add = |at: i64, act: Act| happenings.push(Happening { at, policy, act });
    let releases = pick(rng, &[1, 1, 2, 2, 3]);
    let mut at = rng.i64(10..300);
    for number in 0..releases {
        let again = number > 0 && rng.u32(..6) == 0;
        let version = if again { rng.u32(1..2 + number) } else { 2 + number };
        let nature = pick(rng, &NATURES);
        add(at, Act::Release { version, nature });
        if rng.u32(..4) > 0 {
            // Long after the canary is through, or in the middle of it.
            let answer = if rng.u32(..4) > 0 { Act::Approve } else { Act::Reject };
            add(at + rng.i64(200..1_000), answer);
        }
        at += rng.i64(60..until.max(120));
    }
    for _ in 0..rng.u32(..4) {
        let at = rng.i64(60..until);
        let act = meddling(rng, releases + 2);
        if act == Act::SpoilPolicy {
            add(at + rng.i64(60..900), Act::MendPolicy);
        }
        add(at, act);
    }
    happenings
}

/// Half of all versions are bad: this is about them.
const NATURES: [Nature; 8] = [
    Nature::Good,
    Nature::Good,
    Nature::Good,
    Nature::Poisonous,
    Nature::Poisonous,
    Nature::Poisonous,
    Nature::FailsToStart,
    Nature::Crashes,
];

fn meddling(rng: &mut Rng, versions: u32) -> Act {
    let role = pick(rng, &[Role::Canary, Role::Stable]);
    let version = rng.u32(1..versions.max(2));
    match rng.u32(..15) {
        0 => Act::Stop { abandon: rng.bool() },
        1 | 2 => Act::Retry,
        3 => Act::Deploy { role, version },
        4 => Act::Reconfigure { role },
        5 | 6 => Act::Purge,
        7 => Act::Deregister { role },
        8 => Act::MoveTag { version },
        9 => Act::DeleteImage { version },
        10 => Act::SpoilPolicy,
        11 => Act::StopClock,
        12 => Act::Undo {
            role,
            times: rng.u32(1..4),
        },
        13 => Act::RollBackStage,
        _ => Act::Reject,
    }
}

/// What chance alone would bring together too seldom: a service that is down when a bad version shows, and a stage
/// that CodePipeline rolls back when there is something to roll back to; a registry that is down when it is asked.
fn seldom(rng: &mut Rng, happenings: &mut Vec<Happening>, troubles: &mut Vec<Trouble>, until: i64) {
    let poisonous = |happening: &&Happening| {
        let nature = match happening.act {
            Act::Release { nature, .. } => Some(nature),
            _ => None,
        };
        nature == Some(Nature::Poisonous)
    };
    let shown = happenings.iter().find(poisonous).map(|happening| happening.at + 200);
    if let Some(from) = shown.filter(|_| rng.u32(..4) == 0) {
        troubles.push(Trouble {
            service: pick(rng, &["codepipeline", "cloudwatch"]),
            fault: pick(rng, &[Fault::Throttle, Fault::ServerError, Fault::HangBefore]),
            permille: 1_000,
            from,
            seconds: pick(rng, &[300, 600]),
        });
    }
    let bad = happenings
        .iter()
        .find(poisonous)
        .map(|happening| (happening.at, happening.policy));
    if let Some((at, policy)) = bad.filter(|_| rng.u32(..3) == 0) {
        // While the alarm is about to ring.
        happenings.push(Happening {
            at: at + rng.i64(150..330),
            policy,
            act: Act::Approve,
        });
    }
    if let Some((at, policy)) = bad.filter(|_| rng.u32(..4) == 0) {
        happenings.push(Happening {
            at,
            policy,
            act: Act::ApproveFirst,
        });
    }
    if rng.u32(..5) == 0 {
        happenings.push(Happening {
            at: until - rng.i64(0..120),
            policy: 0,
            act: Act::RollBackStage,
        });
    }
    let release = |happening: &&Happening| matches!(happening.act, Act::Release { .. });
    let first = happenings.iter().find(release).map(|happening| happening.at);
    if let Some(at) = first.filter(|_| rng.u32(..10) == 0) {
        // While `open` asks whether there is a way back.
        troubles.push(Trouble {
            service: "ecr",
            fault: pick(rng, &[Fault::ServerError, Fault::ServerError, Fault::HangBefore]),
            permille: 1_000,
            from: at + 50,
            seconds: 60,
        });
    }
    if rng.u32(..15) == 0 {
        // While the sweep reads the policies.
        troubles.push(Trouble {
            service: "ssm",
            fault: Fault::ServerError,
            permille: 1_000,
            from: rng.i64(0..until),
            seconds: 300,
        });
    }
}

fn troubles(rng: &mut Rng, until: i64) -> Vec<Trouble> {
    let count = pick(rng, &[0, 0, 1, 1, 2, 3]);
    let faults = [
        Fault::Throttle,
        Fault::ServerError,
        Fault::HangBefore,
        Fault::HangAfter,
        Fault::AccessDenied,
    ];
    let one = |rng: &mut Rng| Trouble {
        service: pick(rng, &SERVICES),
        fault: pick(rng, &faults),
        permille: pick(rng, &[50, 200, 500, 1_000]),
        from: rng.i64(0..until),
        seconds: pick(rng, &[20, 60, 120, 300]),
    };
    (0..count).map(|_| one(rng)).collect()
}

fn deaths(rng: &mut Rng, until: i64) -> Vec<Death> {
    let count = pick(rng, &[0, 0, 1, 2, 4]);
    let one = |rng: &mut Rng| Death {
        function: pick(rng, &FUNCTIONS),
        calls: rng.u32(1..14),
        at: rng.i64(0..until),
    };
    (0..count).map(|_| one(rng)).collect()
}

fn chaos(rng: &mut Rng) -> Chaos {
    match rng.u32(..4) {
        0 | 1 => Chaos::default(),
        2 => Chaos {
            duplicate_permille: 200,
            delay_permille: 300,
            delay_max_seconds: 60,
            lose_permille: 100,
            lose_durable: false,
        },
        _ => Chaos {
            duplicate_permille: 400,
            delay_permille: 500,
            delay_max_seconds: 400,
            lose_permille: pick(rng, &[300, 1_000]),
            lose_durable: rng.bool(),
        },
    }
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
