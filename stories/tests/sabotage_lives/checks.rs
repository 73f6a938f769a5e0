//! Checks that measure can be wrong in either direction: who does not compare, who takes missing data for good data, and
//! who takes them for bad.

use super::without;
use decide::{Action, Cause, Comparison, Decision, Part, Phase, Policy, Release, Seen, SeenComparison, SeenCount};
use serde_json::json;
use simulator::codepipeline::stage as pipelines;
use std::sync::Arc;
use stories::Stage;
use stories::law;
use stories::queue::Plan;
use stories::scene::RowA;
use stories::whole::{self, Cut, deployed};

/// How a canary does whose policy compares, and what its approval is told.
#[derive(Clone, Copy)]
struct Life {
    per_second: f64,
    is_bad: bool,
}

const IDLE: Life = Life {
    per_second: 0.0,
    is_bad: false,
};
const BAD: Life = Life {
    per_second: 2.0,
    is_bad: true,
};

/// The laws that are broken where these rules hold: a release that bakes ten minutes, comes to its approval, and is left
/// there.
fn under(
    life: Life,
    rules: impl Fn(&Policy, &Release, &Seen, decide::At) -> Decision + Send + Sync + 'static,
) -> Vec<u32> {
    let mut stage = deployed(1, Arc::new(rules));
    let row = stage.service_with("orders", Cut::WithOpen, |policy| {
        let compare = json!({
            "kind": "compare", "ratio_max": 1.5, "total_min": 100, "window_minutes": 10,
            "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
        });
        policy["checks"].as_array_mut().expect("checks").push(compare);
        policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 10}]);
    });
    let plan = Plan {
        per_second: life.per_second,
        // So often that next to nothing dies: the alarm is not to be quicker than what is compared.
        receives_max: 12,
        ..Plan::default()
    };
    let queue = stage.queue("orders", &plan);
    if life.is_bad {
        queue.fails(&mut stage.sim.world(), &row.digest("v2"), None, 1000, 0);
    }
    super::release(&stage, &row, "v2");
    assert!(
        stage.run_until(3_600, |stage| stage.awaits_approval(&row)),
        "no approval"
    );
    stage.run_for(70 * 60);
    if !life.is_bad {
        // Nothing is left open in the end, whatever the rules made of it.
        let _ = pipelines::approve(&mut stage.sim.world(), "orders", "anna");
        stage.run_for(60 * 60);
    }
    law::broken(&stage)
}

/// The rules, with what was compared made into something else; what was asked may say of whom.
fn believing(
    believed: impl Fn(Comparison) -> SeenComparison + Send + Sync + 'static,
) -> impl Fn(&Policy, &Release, &Seen, decide::At) -> Decision + Send + Sync + 'static {
    move |policy, release, seen, at| {
        let mut seen = seen.clone();
        if seen.compared.known().is_some() {
            let asked = decide::comparisons(policy, release, at);
            seen.compared = Part::Known(asked.into_iter().map(&believed).collect());
        }
        decide::decide(policy, release, &seen, at)
    }
}

fn count(failed: u64, total: u64) -> SeenCount {
    SeenCount {
        failed: Some(failed),
        total: Some(total),
    }
}

#[test]
fn law_1_catches_who_takes_every_canary_for_as_good_as_stable() {
    let broken = under(
        BAD,
        believing(|asked| SeenComparison {
            asked,
            canary: count(0, 1_000),
            stable: count(0, 1_000),
        }),
    );
    assert_eq!(broken, [1]);
}

#[test]
fn law_9_catches_who_takes_no_data_for_no_failures() {
    let broken = under(
        IDLE,
        believing(|asked| SeenComparison {
            asked,
            canary: count(0, 1_000),
            stable: count(0, 1_000),
        }),
    );
    assert_eq!(broken, [9]);
}

#[test]
fn law_9_catches_who_takes_no_data_for_failures() {
    let broken = under(
        IDLE,
        believing(|asked| SeenComparison {
            asked,
            canary: count(1_000, 1_000),
            stable: count(0, 1_000),
        }),
    );
    assert_eq!(broken, [9]);
}

#[test]
fn the_right_rules_break_no_law_where_they_compare() {
    for life in [IDLE, BAD] {
        assert_eq!(under(life, decide::decide), [] as [u32; 0]);
    }
}

/// Two steps, the second one of a minute: too few messages come in that.
fn in_two_steps(rules: impl Fn(&Policy, &Release, &Seen, decide::At) -> Decision + Send + Sync + 'static) -> Vec<u32> {
    let mut stage = deployed(1, Arc::new(rules));
    let row = stage.service_with("orders", Cut::WithOpen, |policy| {
        let compare = json!({
            "kind": "compare", "ratio_max": 1.5, "total_min": 600, "window_minutes": 20,
            "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
        });
        policy["checks"].as_array_mut().expect("checks").push(compare);
        policy["steps"] = json!([
            {"share_permille": 250, "bake_minutes": 15}, {"share_permille": 500, "bake_minutes": 1},
        ]);
    });
    let plan = Plan {
        per_second: 4.0,
        receives_max: 12,
        ..Plan::default()
    };
    stage.queue("orders", &plan);
    super::release(&stage, &row, "v2");
    assert!(
        stage.run_until(3_600, |stage| stage.awaits_approval(&row)),
        "no approval"
    );
    let gated = stage.run_until(2 * 3_600, |stage| stage.phase("orders") == "gated");
    assert!(gated, "never gated");
    let _ = pipelines::approve(&mut stage.sim.world(), "orders", "anna");
    stage.run_for(60 * 60);
    law::broken(&stage)
}

#[test]
fn law_9_catches_who_passes_a_step_on_what_was_counted_before_it() {
    assert_eq!(in_two_steps(decide::decide), [] as [u32; 0]);
    let broken = in_two_steps(|policy, release, seen, at| {
        let mut seen = seen.clone();
        if let Part::Known(answers) = &mut seen.compared
            && let Some(all) = answers.iter().min_by_key(|answer| answer.asked.from).cloned()
        {
            let mut own = all;
            own.asked.from = at;
            answers.truncate(1);
            answers.push(own);
        }
        decide::decide(policy, release, &seen, at)
    });
    assert_eq!(broken, [9]);
}

/// The same where dead letters are counted: the canary kills what little it gets, too little for the alarm.
fn counting_letters(
    rules: impl Fn(&Policy, &Release, &Seen, decide::At) -> Decision + Send + Sync + 'static,
) -> Vec<u32> {
    counting_letters_until(rules, |_, _| {})
}

/// The same, with something that happens a while after it has come to its approval.
fn counting_letters_until(
    rules: impl Fn(&Policy, &Release, &Seen, decide::At) -> Decision + Send + Sync + 'static,
    happens: impl FnOnce(&mut Stage, &RowA),
) -> Vec<u32> {
    let mut stage = deployed(1, Arc::new(rules));
    let row = stage.service_with("orders", Cut::WithOpen, |policy| {
        let letters = json!({"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 2});
        policy["checks"].as_array_mut().expect("checks").push(letters);
        policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 10}]);
    });
    let plan = Plan {
        per_second: 0.0025,
        receives_max: 1,
        ..Plan::default()
    };
    let queue = stage.queue("orders", &plan);
    queue.fails(&mut stage.sim.world(), &row.digest("v2"), None, 1000, 0);
    super::release(&stage, &row, "v2");
    stage.run_until(3_600, |stage| stage.awaits_approval(&row));
    happens(&mut stage, &row);
    stage.run_for(110 * 60);
    let rang = stage.sim.world().call(
        "law",
        "cloudwatch",
        "DescribeAlarms",
        json!({"AlarmNames": [row.alarm]}),
    );
    assert_eq!(
        rang.expect("an alarm")["MetricAlarms"][0]["StateValue"],
        "OK",
        "the alarm was quicker"
    );
    law::broken(&stage)
}

#[test]
fn law_1_catches_who_counts_no_dead_letters() {
    let broken = counting_letters(|policy, release, seen, at| {
        let mut seen = seen.clone();
        seen.dead_letters.values_mut().for_each(|held| *held = Part::Known(0));
        decide::decide(policy, release, &seen, at)
    });
    assert_eq!(broken, [1]);
}

#[test]
fn the_right_rules_break_no_law_where_they_count_dead_letters() {
    assert_eq!(counting_letters(decide::decide), [] as [u32; 0]);
}

/// Somebody deploys to the canary in the moment in which it is taken back.
fn somebody_deploys(stage: &mut Stage, row: &RowA) {
    let goes_back = |stage: &Stage| stage.phase("orders") == "rolling back";
    assert!(stage.run_until(2 * 3_600, goes_back), "it is not taken back");
    let mut world = stage.sim.world();
    let world = &mut *world;
    whole::push(world, row, "v3");
    let image = row.image("v3");
    let fixed = simulator::ecs::stage::task_definition(world, &row.canary, &[("worker", image.as_str())], json!({}));
    let input = json!({"cluster": row.cluster, "service": row.canary, "taskDefinition": fixed});
    world.call("anna", "ecs", "UpdateService", input).expect("a deployment");
}

#[test]
fn law_7_catches_who_takes_back_for_an_order_that_nobody_gave_what_dead_letters_might_have() {
    assert_eq!(counting_letters_until(decide::decide, somebody_deploys), [] as [u32; 0]);
    let pretends = |policy: &Policy, release: &Release, seen: &Seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if let Phase::RollingBack { cause } = &mut decision.next.phase
            && matches!(cause, Cause::DlqGrowth { .. })
        {
            let (by, why) = ("nobody".to_owned(), "no reason".to_owned());
            *cause = Cause::Ordered { by, why };
        }
        // Whoever rejects it has something to take back by that.
        without(&mut decision, |action| matches!(action, Action::Reject { .. }));
        decision
    };
    let broken = counting_letters_until(pretends, somebody_deploys);
    assert!(broken.contains(&7), "{broken:?}");
}
