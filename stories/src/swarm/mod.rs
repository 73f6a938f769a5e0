//! The swarm: histories drawn from seeds, each with releases good and bad, people, and things that break;
//! judged by all laws.
//!
//! # Shape
//! A seed makes a [`Plan`]; [`play`] lets it happen in an account where Serin is deployed, first with
//! everything that breaks, then in calm until all releases are closed; then the laws judge. The same seed
//! makes the same history, whatever ran before it in the process.

pub mod act;
mod balanced;
mod checks;
pub mod coverage;
mod draw;
mod ends;
mod modes;
mod people;
pub mod plan;
mod rare;
mod scaling;
mod starts;
mod swaps;

use crate::Stage;
use crate::law::{self, Evidence, Verdict};
use crate::queue;
use crate::scene::{self, RowA};
use crate::told::pipeline;
use crate::whole::deployed;
use aws::Decide;
use coverage::{
    ACT, BALANCED, CHAOS, Coverage, FIRST, LAW, MESSAGE, MOVE, NOTHING_BEFORE, OUTCOME, RELEASED_SINCE, SHAPE,
};
use ends::{is_over, never_over};
use plan::{Act, Plan, Setting};
use serde_json::{Value, json};
use simulator::codepipeline::stage::{self as pipelines, Options, Verdict as ActionVerdict};
use simulator::faults::Rule;
use simulator::{At, Chaos, World};
use std::collections::BTreeSet;

/// For how long everything must be over by itself, once nothing is broken any more.
const CALM_SECONDS_MAX: i64 = 10 * 3_600;

/// How long a release that cannot end by itself is left alone before the next one comes.
const OVERDUE_SECONDS: i64 = 3 * 3_600;

/// How long people wait for a fix until they send the next, where what it is to replace cannot go back: it may still
/// fail for what that one does.
const NEXT_FIX_SECONDS: i64 = 3_600;

/// Version of the first release that everything else must give way to.
const LAST: u32 = 99;

/// How long it is watched after that.
const EPILOGUE_SECONDS: i64 = 10 * 60;

/// What came of a seed.
pub struct History {
    /// What was planned.
    pub plan: Plan,
    /// What each law says.
    pub verdicts: Vec<Verdict>,
    /// What should not be, beside the laws: releases that never end, defects of the simulator.
    pub faults: Vec<String>,
    /// What happened how often.
    pub coverage: Coverage,
    /// Calls that the SDK made.
    pub sdk_calls: usize,
    /// The stage as it was left.
    pub stage: Stage,
}

impl History {
    /// Everything that is wrong with it.
    pub fn broken(&self) -> Vec<String> {
        let laws = self.verdicts.iter().filter(|verdict| !verdict.broken.is_empty());
        laws.map(ToString::to_string)
            .chain(self.faults.iter().cloned())
            .collect()
    }
}

/// Plays a seed; what panicked, where something did, with the seed that shows it again.
///
/// # Errors
/// What panicked.
pub fn survived(seed: u64, decide: Decide) -> Result<History, String> {
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(seed, decide)));
    played.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        format!("seed {seed} panicked: {}", text.unwrap_or("without a word"))
    })
}

/// Plays a seed.
pub fn play(seed: u64, decide: Decide) -> History {
    let plan = Plan::of(seed);
    let mut stage = deployed(seed, decide);
    for setting in &plan.settings {
        settle_in(&mut stage, seed, setting);
    }
    scaling::register(&stage, &plan);
    let mut coverage = Coverage::default();
    if plan.settings.len() > rare::USUAL {
        coverage.count(ACT, rare::MANY);
    }
    for (name, _) in plan.settings.iter().filter_map(|setting| setting.shape) {
        coverage.count(SHAPE, name);
    }
    let beginning = stage.now();
    break_things(&stage, &plan, beginning, &mut coverage);
    happen(&mut stage, &plan, beginning, &mut coverage);
    let mut faults = calm_down(&mut stage, &plan, &mut coverage);
    let evidence = Evidence::of(&stage);
    let verdicts = law::judge(&evidence);
    for verdict in &verdicts {
        coverage.add(
            LAW,
            format!("{:>2} {}", verdict.law, verdict.name),
            u64::from(verdict.applied),
        );
    }
    moves(&evidence, &mut coverage);
    messages(&stage, &mut coverage);
    scaling::count(&stage, &mut coverage);
    balanced::count(&stage, &evidence, BALANCED, &mut coverage);
    swaps::count(&evidence, &mut coverage);
    first_days(&plan, &evidence, &mut coverage);
    modes::count(&evidence, &mut coverage);
    starts::count(&stage, &evidence, &mut coverage);
    faults.extend(
        stage
            .sim
            .world()
            .defects
            .iter()
            .map(|defect| format!("the simulator: {defect}")),
    );
    let sdk_calls = evidence.calls.iter().filter(|call| law::is_ours(call)).count();
    History {
        plan,
        verdicts,
        faults,
        coverage,
        sdk_calls,
        stage,
    }
}

fn settle_in(stage: &mut Stage, seed: u64, setting: &Setting) {
    let beginning = stage.now();
    if let Some(sticky) = setting.balanced.filter(|_| setting.first_day.is_none()) {
        stage.balancer(setting.name, &balanced::plan(sticky, setting.swap));
    }
    let balancer = stage.balancers.get(setting.name);
    let balancer = balancer.map(|balancer| balancer.dimensions()[0].clone());
    let options = Options {
        queued: setting.queued,
        deployment_timeout_minutes: Some(setting.deployment_timeout),
        ..setting.cut.options(setting.name)
    };
    let declared = |row: &RowA| {
        let (_, stages) = setting.shape?;
        Some(pipeline::declaration(row, stages).unwrap_or_else(|error| panic!("{error}")))
    };
    let pipeline = |world: &mut World, row: &RowA| match declared(row) {
        Some(declared) => pipelines::pipeline(world, &declared),
        None => scene::pipeline(world, row, &options),
    };
    let change = |policy: &mut Value| {
        policy["on_new_release"] = json!(setting.on_new_release);
        policy["rollback"] = json!(setting.rollback);
        if setting.dry_run {
            policy["dry_run"] = json!(true);
        }
        policy["when_undecided"] = json!({"extend_minutes_max": 10, "then": setting.when_undecided});
        policy["watch_minutes"] = json!(setting.watch_minutes);
        policy["checks"][0]["when_stale"] = json!(setting.when_stale);
        checks::add(seed, policy);
        if let Some(window) = setting.window {
            policy["freeze"] = starts::window(beginning, window);
        }
        let (asks, promotes) = (setting.has("asks "), setting.has("promote "));
        // Somebody looks at what the test has shown.
        let person = asks && setting.has("test ");
        let approves = asks || setting.has("approve ") || setting.by_hand.is_some();
        if approves {
            policy["approval"] = json!(if person { "human" } else { "automatic" });
        }
        if let Some(approval) = setting.by_hand {
            policy["approval"] = json!(approval);
            policy.as_object_mut().map(|policy| policy.remove("pipeline"));
        }
        if promotes || setting.by_hand.is_some() {
            policy["promotion"] = json!("roll_stable");
        }
        let bake_minutes = setting.bake_minutes.max(i64::from(approves));
        if bake_minutes > 0 {
            policy["steps"] = checks::steps(seed, bake_minutes);
        }
        if let Some(balancer) = &balancer {
            balanced::add(seed, balancer, policy);
        }
        if let Some(swap) = setting.swap {
            swaps::add(swap, policy);
        }
    };
    let row = match setting.first_day {
        Some(_) => stage.policy_alone(setting.name, pipeline, change),
        None => stage.service_through(setting.name, pipeline, change),
    };
    if let Some(swap) = setting.swap {
        swaps::settle_in(stage, seed, &row, swap);
    }
    let traffic = queue::Plan {
        per_second: f64::from(setting.messages) / 60.0,
        receives_max: setting.receives_max,
        on_sigterm: setting.on_sigterm,
        ..queue::Plan::default()
    };
    stage.queue(setting.name, &traffic);
    let written = stage.policies[setting.name].to_string();
    if let Err(mistakes) = decide::Policy::read(&written) {
        panic!("nothing guards a policy that is refused: {mistakes:?}");
    }
}

/// Lets everything break that will.
fn break_things(stage: &Stage, plan: &Plan, beginning: At, coverage: &mut Coverage) {
    let mut world = stage.sim.world();
    for trouble in &plan.troubles {
        let from = beginning.plus_seconds(trouble.from);
        world.faults.rules.push(Rule {
            permille: trouble.permille,
            from,
            until: from.plus_seconds(trouble.seconds),
            ..Rule::service(trouble.service, trouble.fault)
        });
    }
    let chaos = plan.chaos;
    coverage.add(CHAOS, "stale reads", u64::from(plan.stale_seconds > 0));
    world.chaos = chaos;
    world.ecs.stale_reads_seconds = plan.stale_seconds;
    world.codepipeline.ecs.late_write_after_abandon = plan.late_write;
    if plan.late_write.is_some() {
        // ECS throttles it, so that more of them are abandoned before they have written.
        world.codepipeline.ecs.writes_within_millis = 40_000;
    }
    if plan.action_succeeds_after_rollback {
        world.codepipeline.ecs.after_rollback = ActionVerdict::Succeeds;
        world.codepipeline.ecs.after_foreign_update = ActionVerdict::Succeeds;
    }
}

/// Lets everything happen that was planned.
fn happen(stage: &mut Stage, plan: &Plan, beginning: At, coverage: &mut Coverage) {
    let mut deaths = plan.deaths.clone();
    deaths.sort_by_key(|death| death.at);
    let mut deaths = deaths.into_iter().peekable();
    let mut happenings = plan.happenings.iter().peekable();
    loop {
        let next = [
            deaths.peek().map(|death| death.at),
            happenings.peek().map(|next| next.at),
        ];
        let Some(next) = next.into_iter().flatten().min() else {
            break;
        };
        run_to(stage, beginning.plus_seconds(next));
        scaling::wants(stage, plan);
        while let Some(death) = deaths.next_if(|death| death.at <= next) {
            stage.sim.let_die(death.function, death.calls);
        }
        while let Some(happening) = happenings.next_if(|happening| happening.at <= next) {
            let name = plan.settings[happening.policy].name;
            people::count(stage, name, &happening.act, coverage);
            if act::perform(stage, name, &happening.act).is_ok() {
                coverage.count(ACT, kind(&happening.act));
            }
        }
    }
    run_to(stage, beginning.plus_seconds(plan.calm_from));
    struck(stage, coverage);
    let died = stage
        .sim
        .ended
        .borrow()
        .iter()
        .filter(|end| end.outcome == Err("died".to_owned()))
        .count();
    coverage.add(CHAOS, "functions died", died as u64);
}

/// What was broken, by what it broke: calls that met a fault, events that came late, twice or never.
fn struck(stage: &Stage, coverage: &mut Coverage) {
    let world = stage.sim.world();
    for ((service, fault), times) in &world.faults.met {
        coverage.add(CHAOS, format!("{fault:?} of {service}"), *times);
    }
    let (seen, lost) = (&world.eventbridge.seen, &world.eventbridge.lost);
    let ids: BTreeSet<&str> = seen.iter().filter_map(|event| event["id"].as_str()).collect();
    coverage.add(CHAOS, "events doubled", (seen.len() - ids.len()) as u64);
    let times: Vec<&str> = seen.iter().filter_map(|event| event["time"].as_str()).collect();
    let reordered = times.windows(2).filter(|pair| pair[0] > pair[1]).count();
    coverage.add(CHAOS, "events late and reordered", reordered as u64);
    let durable = |event: &&Value| event["source"] == "aws.ecs" || event["source"] == "aws.cloudwatch";
    coverage.add(CHAOS, "events lost", lost.len() as u64);
    coverage.add(CHAOS, "durable events lost", lost.iter().filter(durable).count() as u64);
}

fn run_to(stage: &mut Stage, until: At) {
    let seconds = (until.0 - stage.now().0) / 1_000;
    if seconds > 0 {
        stage.run_for(seconds);
    }
}

/// Its name without the details.
fn kind(act: &Act) -> String {
    match act {
        Act::Release { nature, .. } => format!("release of a version: {nature:?}"),
        Act::Deploy { role, .. } => format!("somebody deploys to {role:?}"),
        Act::Reconfigure { role } => format!("somebody changes the environment of {role:?}"),
        Act::Stop { abandon } => format!("somebody stops the execution, abandoning: {abandon}"),
        Act::Deregister { role } => format!("somebody deregisters what {role:?} runs"),
        Act::Undo { role, .. } => format!("ECS undoes deployments of {role:?}"),
        Act::Create { how } => format!("services are created: {how:?}"),
        Act::Order { kind } => format!("somebody orders to {kind}"),
        Act::StartAgain { .. } => "a start is sent again".to_owned(),
        other => {
            let name = format!("{other:?}");
            name.split(' ').next().unwrap_or_default().to_owned()
        }
    }
}

/// Nothing is broken any more, and people answer what waits for them: everything must come to its end.
fn calm_down(stage: &mut Stage, plan: &Plan, coverage: &mut Coverage) -> Vec<String> {
    {
        let mut world = stage.sim.world();
        world.chaos = Chaos::default();
        world.ecs.stale_reads_seconds = 0;
        world.ecs.undo_next.clear();
    }
    for setting in &plan.settings {
        act::mend_policy(stage, setting.name);
    }
    rare::wait(stage, plan, coverage);
    let limit = stage.now().plus_seconds(CALM_SECONDS_MAX);
    let mut overdue = stage.now().plus_seconds(OVERDUE_SECONDS);
    let mut fixes = 0;
    let mut left = BTreeSet::new();
    while stage.now() < limit {
        stage.run_for(300);
        starts::insist(stage, plan, fixes);
        if stage.now() >= overdue {
            // What has no execution to promote it, or no way back, ends with the next release.
            overdue = stage.now().plus_seconds(NEXT_FIX_SECONDS);
            for setting in &plan.settings {
                let wanted = fixes == 0 || setting.rollback != "allowed";
                if wanted && !is_over(stage, setting.name) {
                    people::mend_stable(stage, setting.name, fixes);
                    let fix = Act::Release {
                        version: LAST + fixes,
                        nature: plan::Nature::Good,
                    };
                    let _ = act::perform(stage, setting.name, &fix);
                }
            }
            fixes += 1;
        }
        let mut over = true;
        for setting in &plan.settings {
            // What may not go back makes its alarm ring again after each purge, and an alarm does not tell whose letters these
            // are: nobody purges until the fix is through (docs/runbook.md).
            if setting.rollback != "allowed" && stage.phase(setting.name) == "rollback failing" {
                left.insert(setting.name);
            } else if is_over(stage, setting.name) {
                left.remove(setting.name);
            }
            if !left.contains(setting.name) {
                let _ = act::perform(stage, setting.name, &Act::Purge);
            }
            if stage.awaits_approval(&stage.rows[setting.name].clone()) {
                let answer = if plan.seed.is_multiple_of(3) && fixes == 0 {
                    Act::Reject
                } else {
                    Act::Approve
                };
                let _ = act::perform(stage, setting.name, &answer);
            }
            starts::answer(stage, setting.name);
            balanced::tend(stage, setting.name, plan.seed);
            over &= is_over(stage, setting.name);
        }
        if over {
            break;
        }
    }
    let never = never_over(stage, plan);
    stage.run_for(EPILOGUE_SECONDS);
    never
}

/// What became of the messages, and which of them an alarm could be earned by.
fn messages(stage: &Stage, coverage: &mut Coverage) {
    let world = stage.sim.world();
    for (policy, queue) in &stage.queues {
        let tally = queue.tally(&world);
        let failed: u32 = tally.revisions.iter().map(|revision| revision.failed).sum();
        let dropped: u32 = tally.revisions.iter().map(|revision| revision.dropped).sum();
        coverage.add(MESSAGE, "sent", u64::from(tally.sent));
        coverage.add(MESSAGE, "handled", u64::from(tally.handled));
        coverage.add(MESSAGE, "failed", u64::from(failed));
        coverage.add(MESSAGE, "dropped by a task that was stopped", u64::from(dropped));
        let rang = queue::rang(&world, &stage.rows[policy].alarm).len();
        coverage.add(MESSAGE, "dead ones rang an alarm", rang as u64);
    }
}

/// What became of services that had never run anything.
fn first_days(plan: &Plan, evidence: &Evidence, coverage: &mut Coverage) {
    let new = |policy: &str| {
        let mut settings = plan.settings.iter();
        settings.any(|setting| setting.name == policy && setting.first_day.is_some())
    };
    let world = &evidence.world;
    for run in world.runs.iter().filter(|run| new(&run.policy)) {
        let canary = run.service(&run.row.canary);
        let nothing_before = world.given(run, &canary).next().is_some() && world.had_a_way_back(run).is_none();
        coverage.add(FIRST, NOTHING_BEFORE, u64::from(nothing_before));
    }
    let released = evidence.releases.iter().filter(|release| new(&release.policy));
    coverage.add(FIRST, RELEASED_SINCE, released.count() as u64);
}

/// Phase moves by the journal, and outcomes by the ledger.
fn moves(evidence: &Evidence, coverage: &mut Coverage) {
    for rows in evidence.journal.values() {
        let phases: Vec<&str> = rows.iter().filter_map(|row| row["phase"].as_str()).collect();
        for pair in phases.windows(2).filter(|pair| pair[0] != pair[1]) {
            coverage.count(MOVE, format!("{} -> {}", pair[0], pair[1]));
        }
    }
    for release in &evidence.releases {
        coverage.count(OUTCOME, release.outcome().unwrap_or("open"));
    }
}
