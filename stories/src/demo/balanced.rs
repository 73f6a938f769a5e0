//! Releases behind a load balancer: what a good and a bad one look like to those who visit.

use super::seen::running;
use super::{Audience, page};
use crate::told::Told;
use simulator::At;
use std::sync::Arc;

/// Between two looks.
const LOOK_SECONDS: i64 = 10;
/// For how long the end is waited for.
const PATIENCE_SECONDS: i64 = 3 * 3_600;
/// A row comes at the latest after this, and after the other where weights or tasks have changed.
const ROW_SECONDS: i64 = 300;
const CHANGED_SECONDS: i64 = 30;
/// Where texts begin under a row.
const INDENT: usize = 10;
/// Policy and stable service.
const SHOP: &str = "shop";

/// What is played.
pub(super) struct Played {
    opening: &'static [&'static str],
    balancer: &'static str,
    policy: &'static str,
    bad_title: &'static str,
    /// What is wrong with the bad one, in the words of a story.
    bad: &'static str,
}

/// Row C of the design.
pub(super) const ONE_OF_A_HUNDRED: Played = Played {
    opening: &[
        "One box behind a load balancer, under Serin; simulated AWS, virtual time.",
        "",
        "  shop         3 tasks, stable  \\  behind one listener rule, weights 99 and 1,",
        "  shop-canary  1 task           /  20 requests a second",
        "",
        "The weights are never changed. A revision bakes for a quarter of an hour with",
        "one request of a hundred; an alarm is on the slowest tenth of what it answers:",
        "TM(90%:100%) of TargetResponseTime above 3 s in 3 of 4 minutes.",
    ],
    balancer: "a load balancer before shop 1 to 99, watched for slow answers",
    policy: r#"{"traffic": {"resting_share_permille": 10}, "steps": [{"share_permille": 10, "bake_minutes": 15}], "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}"#,
    bad_title: "2. A bad release: v2 takes 3.5 s to 6 s for each answer",
    bad: "answers of v2 of shop take 3500 to 6000 ms",
};

/// Row E of the design.
pub(super) const A_TENTH_MORE: Played = Played {
    opening: &[
        "A tenth more every minute, under Serin; simulated AWS, virtual time.",
        "",
        "  shop         3 tasks, stable  \\  behind one listener rule,",
        "  shop-canary  1 task           /  20 requests a second",
        "",
        "The canary gets a tenth more every minute, up to a half. What counts is",
        "the number of errors (5xx) of ten minutes: up to 40 would do.",
    ],
    balancer: "a load balancer before shop 0 to 100",
    policy: r#"{"checks": [{"kind": "expression", "metric": {"expression": "IF(requests > 0, FILL(errors, 0))", "metrics": [{"id": "errors", "namespace": "AWS/ApplicationELB", "name": "HTTPCode_Target_5XX_Count", "statistic": "Sum", "dimensions": [{"name": "LoadBalancer", "value": "{balancer}"}]}, {"id": "requests", "namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum", "dimensions": [{"name": "LoadBalancer", "value": "{balancer}"}]}], "period_minutes": 10, "periods": 1, "max": 40}}], "linear": {"step_permille": 100, "every_minutes": 1, "until_permille": 500}, "watch_minutes": 10, "approval": "automatic", "promotion": "roll_stable"}"#,
    bad_title: "2. A bad release: one answer of v2 in ten is an error",
    bad: "1 answer of 10 of v2 of shop is an error",
};

/// Plays a good release, then a bad one.
pub(super) fn play(played: &Played, seed: u64, audience: &mut dyn Audience) -> Result<(), String> {
    played.opening.iter().for_each(|line| audience.line(line));
    audience.line(&format!("Seed {seed}."));
    page::act("1. A good release: v2 works", audience);
    released(played, None, "promoted", seed, audience)?;
    page::act(played.bad_title, audience);
    released(played, Some(played.bad), "rolled back", seed, audience)
}

fn released(
    played: &Played,
    bad: Option<&str>,
    outcome: &str,
    seed: u64,
    audience: &mut dyn Audience,
) -> Result<(), String> {
    let mut told = Told::new(seed, Arc::new(decide::decide));
    let cut = "through source Source, build Build, open Open + canary CanaryDeploy, approve Approve, promote Promote";
    let policy = format!("policy {SHOP} {cut} {}", played.policy);
    let lines = ["serin deployed", played.balancer, &policy, "push shop v2"];
    for line in lines.into_iter().chain(bad).chain(["release shop v2"]) {
        told.line(line).map_err(|error| format!("{line}: {error}"))?;
    }
    let mut watched = Watched::new(&told, audience);
    for _ in 0..PATIENCE_SECONDS / LOOK_SECONDS {
        watched.look(&told, audience);
        if told.stage.phase(SHOP).replace('_', " ") == outcome {
            watched.ends(&told, audience);
            return Ok(());
        }
        told.stage.run_for(LOOK_SECONDS);
        audience.passes(LOOK_SECONDS);
    }
    Err(format!("the release was not {outcome} within {PATIENCE_SECONDS} s"))
}

/// What was shown last.
struct Watched {
    at: At,
    /// Weights, tasks and phase.
    shown: Vec<String>,
    /// Requests until then: of all, of v2, and errors of v2.
    counted: [u64; 3],
    read: usize,
    answered: bool,
}

impl Watched {
    fn new(told: &Told, audience: &mut dyn Audience) -> Watched {
        audience.line(&line([
            "time", "weights", "v2 gets", "slowest", "errors", "canary", "stable", "phase",
        ]));
        Watched {
            at: At::START,
            shown: Vec::new(),
            counted: [0; 3],
            read: told.stage.diary.borrow().len(),
            answered: false,
        }
    }

    fn look(&mut self, told: &Told, audience: &mut dyn Audience) {
        let lines = told.stage.diary.borrow()[self.read..].to_vec();
        self.read += lines.len();
        for said in lines {
            let rang = said.who == "CloudWatch" && said.what.ends_with(" ALARM");
            let back = said.what.starts_with("rolling back: ") && !self.answered;
            self.answered |= back;
            let clock = At(said.at).clock();
            match (rang, back) {
                (true, _) => page::said(&clock, &format!("ALARM: {}", said.what), audience),
                (_, true) => page::said(&clock, &said.what, audience),
                _ => {}
            }
        }
        let shown = standing(told);
        let since = (told.stage.now().0 - self.at.0) / 1_000;
        let phase = |shown: &[String]| shown.last().cloned();
        let is_due = phase(&shown) != phase(&self.shown)
            || since >= ROW_SECONDS
            || since >= CHANGED_SECONDS && shown != self.shown;
        if is_due {
            self.row(told, shown, audience);
        }
    }

    fn row(&mut self, told: &Told, shown: Vec<String>, audience: &mut dyn Audience) {
        let did = told.stage.answered(SHOP, "v2");
        let all = {
            let world = told.stage.sim.world();
            let balancer = told.stage.balancers.get(SHOP);
            balancer.map_or(0, |balancer| balancer.served(&world).requests)
        };
        let counted = [all, did.requests, did.errors];
        let [all, own, errors] = [0, 1, 2].map(|place: usize| counted[place] - self.counted[place]);
        let share = (own > 0).then(|| format!("{:.1} %", 100.0 * own as f64 / all.max(1) as f64));
        let slowest = (did.requests > 0).then(|| format!("{:.1} s", did.slowest_millis as f64 / 1_000.0));
        let errors = (own > 0).then(|| errors.to_string());
        let [share, slowest, errors] = [share, slowest, errors].map(|text| text.unwrap_or("-".to_owned()));
        let clock = told.stage.now().clock();
        let [weights, canary, stable, phase] = [0, 1, 2, 3].map(|place: usize| shown[place].as_str());
        audience.line(&line([
            &clock, weights, &share, &slowest, &errors, canary, stable, phase,
        ]));
        (self.at, self.shown, self.counted) = (told.stage.now(), shown, counted);
    }

    /// Shows how it ends, and why.
    fn ends(&mut self, told: &Told, audience: &mut dyn Audience) {
        let reason = told.stage.diary.borrow().iter().rev().find_map(|line| {
            let ours = ["advance", "watch", "rollback"].contains(&line.who.as_str());
            (ours && !line.what.starts_with(' ')).then(|| line.what.clone())
        });
        page::said("", &reason.unwrap_or_default(), audience);
        let did = told.stage.answered(SHOP, "v2");
        let all = told.stage.balancers[SHOP].served(&told.stage.sim.world()).requests;
        audience.line(&format!(
            "{:INDENT$}v2 answered {} of {all} requests, {} of them with errors",
            "", did.requests, did.errors
        ));
    }
}

/// Weights, tasks of canary and stable, and phase.
fn standing(told: &Told) -> Vec<String> {
    let stage = &told.stage;
    let row = &stage.rows[SHOP];
    let world = stage.sim.world();
    let weights = stage.balancers[SHOP].weights(&world);
    let [canary, stable] = [&row.canary, &row.name].map(|service| running(&world, row, service));
    drop(world);
    let phase = stage.phase(SHOP).replace('_', " ");
    vec![
        weights,
        canary,
        stable,
        if phase == "none" { "-".to_owned() } else { phase },
    ]
}

fn line([time, weights, share, slowest, errors, canary, stable, phase]: [&str; 8]) -> String {
    format!("{time:<8} {weights:>10}  {share:>7} {slowest:>7} {errors:>6}  {canary:<9} {stable:<9} {phase}")
}
