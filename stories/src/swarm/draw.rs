//! How a history is drawn from its seed.

use super::plan::{ASKING, Act, Death, FirstDay, Happening, Nature, Plan, SHAPES, Setting, Trouble};
use super::{balanced, modes, people, rare, starts, swaps};
use crate::whole::Cut;
use decide::Role;
use fastrand::Rng;
use simulator::Chaos;
use simulator::faults::Fault;
use simulator::workload::OnSigterm;

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
        asking(seed, &mut settings);
        modes::draw(seed, &mut settings);
        let mut calm_from = rng.i64(15..60) * 60;
        let mut happenings: Vec<Happening> = (0..count).flat_map(|policy| life(rng, policy, calm_from)).collect();
        let mut troubles = troubles(rng, calm_from);
        seldom(&mut Rng::with_seed(!seed), &mut happenings, &mut troubles, calm_from);
        first_days(seed, &mut settings, &mut happenings, calm_from);
        people::draw(seed, count, &mut happenings, calm_from);
        starts::draw(seed, &mut settings, &mut happenings, calm_from);
        // What was drawn until here knows nothing of what follows.
        let deaths = deaths(rng, calm_from);
        calm_from = swaps::draw(seed, &mut settings, &mut happenings, calm_from);
        balanced::draw(seed, &mut settings, &mut happenings, calm_from);
        rare::draw(seed, &mut settings, &mut happenings, calm_from);
        happenings.sort_by_key(|happening| (happening.at, happening.policy));
        Plan {
            seed,
            settings,
            happenings,
            troubles,
            deaths,
            chaos: chaos(rng),
            stale_seconds: pick(rng, &[0, 0, 0, 3, 10, 20]),
            action_succeeds_after_rollback: rng.bool(),
            late_write: rng.bool().then(|| rng.i64(30..600)),
            calm_from,
        }
    }
}

/// Some approvals ask Serin; drawn by itself, so that it moves nothing else.
fn asking(seed: u64, settings: &mut [Setting]) {
    let rng = &mut Rng::with_seed(seed.rotate_left(16) ^ 0xa5c5);
    for setting in settings.iter_mut().filter(|setting| setting.shape.is_none()) {
        setting.shape = ASKING.get(rng.usize(..5 * ASKING.len())).copied();
    }
}

fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

pub(super) fn setting(rng: &mut Rng, traffic: &mut Rng, name: &'static str) -> Setting {
    Setting {
        name,
        cut: pick(rng, &[Cut::WithOpen, Cut::Plain]),
        queued: rng.u32(..3) == 0,
        deployment_timeout: pick(rng, &[15, 60]),
        on_new_release: pick(rng, &["hold", "continue"]),
        rollback: "allowed",
        dry_run: false,
        by_hand: None,
        window: None,
        balanced: None,
        swap: None,
        when_stale: pick(rng, &["arm_on_recovery", "arm_on_recovery", "block", "ignore"]),
        when_undecided: pick(rng, &["hold", "roll_back", "go_on"]),
        watch_minutes: pick(rng, &[2, 5, 15]),
        bake_minutes: pick(rng, &[0, 0, 1, 3]),
        messages: pick(traffic, &[30, 60, 120]),
        receives_max: pick(traffic, &[1, 1, 1, 2]),
        on_sigterm: pick(traffic, &[OnSigterm::Finishes, OnSigterm::Finishes, OnSigterm::Ignores]),
        first_day: None,
        shape: SHAPES.get(traffic.usize(..4 * SHAPES.len())).copied(),
    }
}

/// One policy in eight is put before its services have ever run anything.
fn first_days(seed: u64, settings: &mut [Setting], happenings: &mut Vec<Happening>, until: i64) {
    // Of its own, so that what is drawn for it moves nothing else.
    let rng = &mut Rng::with_seed(seed.rotate_left(48) ^ 0xda1);
    for (policy, setting) in settings.iter_mut().enumerate() {
        if rng.u32(..8) > 0 {
            continue;
        }
        let how = pick(
            rng,
            &[FirstDay::JustCreated, FirstDay::Placeholder, FirstDay::WithoutTasks],
        );
        setting.first_day = Some(how);
        let mut add = |at: i64, act: Act| happenings.push(Happening { at, policy, act });
        add(rng.i64(0..60), Act::Create { how });
        if how != FirstDay::JustCreated {
            add(rng.i64(300..until), Act::BringUp);
        }
    }
}

/// What one policy goes through: a few releases, and people around them.
pub(super) fn life(rng: &mut Rng, policy: usize, until: i64) -> Vec<Happening> {
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
