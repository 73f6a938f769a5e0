//! How many calls an alarm costs.

use serde_json::Value;
use simulator::world::Call;
use std::collections::BTreeMap;
use std::sync::Arc;
use stories::queue::Plan;
use stories::told::Told;
use stories::whole::{self, Cut, deployed};

const UNTIL_THE_ALARM: &str = "policy orders\npush orders v2\nrelease orders v2\nopen orders\nuntil approval orders\nrun 3m\nclock off\ndlq orders 25";

fn play(script: &str) -> Told {
    let mut told = Told::new(1, Arc::new(decide::decide));
    for line in script.lines() {
        told.line(line)
            .unwrap_or_else(|error| panic!("{line}: {error}\n{}", told.text));
    }
    told
}

/// Operations by caller, in order.
fn by_caller(told: &Told, function: &str) -> BTreeMap<String, Vec<Call>> {
    let mut calls: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    for call in told
        .stage
        .sim
        .world()
        .calls
        .iter()
        .filter(|call| call.caller.starts_with(function))
    {
        calls.entry(call.caller.clone()).or_default().push(Call::clone(call));
    }
    calls
}

/// Calls of the first invocation of `rollback`.
fn first(told: &Told) -> Vec<Call> {
    let calls = by_caller(told, "rollback#");
    let earliest = calls.values().min_by_key(|calls| calls[0].at).expect("rollback ran");
    earliest.clone()
}

fn operations(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.operation.as_str()).collect()
}

fn ledger(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.service == "dynamodb").count()
}

#[test]
fn an_alarm_costs_two_ledger_calls_before_it_acts_and_eleven_calls_in_all() {
    let told = play(&format!("{UNTIL_THE_ALARM}\nuntil alarm orders\nrun 10s"));
    let calls = first(&told);
    let mut sorted = operations(&calls);
    assert_eq!(sorted[..2], ["Query", "UpdateItem"]);
    // The commit, the looks and the answer to the approval whose token the ledger holds run at the same time.
    let at = |operation: &str| {
        calls
            .iter()
            .find(|call| call.operation == operation)
            .expect(operation)
            .at
    };
    assert!(at("UpdateItem") < at("PutApprovalResult"), "the fact is merged first");
    assert!(
        at("TransactWriteItems") < at("UpdateService"),
        "intent is written before action"
    );
    assert!(at("DescribeServices") < at("UpdateService"));
    assert!(
        at("UpdateService") < at("StopTask"),
        "or ECS would start the same again"
    );
    sorted.sort_unstable();
    let expected = [
        "DescribeServices",
        "GetPipelineExecution",
        "GetPipelineState",
        "ListTasks",
        "PutApprovalResult",
        "Query",
        "StopTask",
        "TransactWriteItems",
        "TransactWriteItems",
        "UpdateItem",
        "UpdateService",
    ];
    assert_eq!(sorted, expected);
}

#[test]
fn a_thousand_copies_of_one_event_are_one_rollback() {
    let mut told = play(&format!("{UNTIL_THE_ALARM}\nuntil alarm orders"));
    told.line("alarm again 1000").expect("a command");
    let calls = by_caller(&told, "rollback#");
    assert_eq!(calls.len(), 1001);
    let updates = calls
        .values()
        .flatten()
        .filter(|call| call.operation == "UpdateService")
        .count();
    assert_eq!(updates, 1, "one rollback");
    let mut costs: Vec<usize> = calls.values().map(|calls| ledger(calls)).collect();
    costs.sort_unstable();
    assert_eq!(
        costs.pop(),
        Some(4),
        "the one that rolled back: two before it acts, the commit, the journal"
    );
    assert!(costs.iter().all(|cost| *cost == 2), "copies that come after the commit");
}

#[test]
fn a_thousand_copies_at_the_same_moment_are_one_rollback() {
    let mut told = play(&format!(
        "{UNTIL_THE_ALARM}\nlet rollback die after 1\nuntil alarm orders"
    ));
    // The first one died before it had written anything; these race each other.
    told.line("alarm again 1000").expect("a command");
    told.line("run 1m").expect("a command");
    let calls = by_caller(&told, "rollback#");
    let given: Vec<&Value> = calls
        .values()
        .flatten()
        .filter(|call| call.operation == "UpdateService" && call.outcome.is_ok())
        .map(|call| &call.input["taskDefinition"])
        .collect();
    assert_eq!(given.len(), 1, "one rollback: {given:?}");
    let most = calls.values().map(|calls| ledger(calls)).max();
    assert!(most <= Some(5), "ledger calls of the busiest racer: {most:?}");
    let looks = calls
        .values()
        .flatten()
        .filter(|call| call.service != "dynamodb")
        .count();
    assert!(looks <= 12, "{looks} calls outside the ledger");
}

#[test]
fn an_alarm_that_guards_nothing_costs_one_ledger_read() {
    let told = play("policy orders\nevent alarm/direct-metric.json");
    let calls = first(&told);
    assert_eq!(operations(&calls), ["Query"]);
}

#[test]
fn ten_thousand_open_releases_cost_an_alarm_nothing() {
    let mut told = play(UNTIL_THE_ALARM);
    let item = {
        let key = serde_json::json!({"pk": {"S": "policy#orders"}, "sk": {"S": "release"}});
        let input = serde_json::json!({"TableName": stories::scene::TABLE, "Key": key});
        told.stage
            .sim
            .world()
            .call("test", "dynamodb", "GetItem", input)
            .expect("it is there")["Item"]
            .clone()
    };
    for number in 0..10_000 {
        let policy = format!("policy#orders-{number}");
        let mut slot = item.clone();
        slot["pk"]["S"] = policy.clone().into();
        let alarm = format!("alarm#arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders-{number}-dlq-depth");
        let pointers = [("open".to_owned(), policy.clone()), (alarm, policy)];
        let mut world = told.stage.sim.world();
        let mut put = |item: Value| {
            world
                .call(
                    "test",
                    "dynamodb",
                    "PutItem",
                    serde_json::json!({"TableName": stories::scene::TABLE, "Item": item}),
                )
                .expect("put");
        };
        put(slot);
        pointers
            .into_iter()
            .for_each(|(pk, sk)| put(serde_json::json!({"pk": {"S": pk}, "sk": {"S": sk}})));
    }
    told.line("until alarm orders").expect("a command");
    told.line("run 5s").expect("a command");
    let calls = first(&told);
    assert_eq!(calls.len(), 11, "{:?}", operations(&calls));
}

#[test]
fn a_tick_while_nothing_is_due_costs_six_calls() {
    let told = play("policy orders\npush orders v2\nrelease orders v2\nopen orders\nuntil approval orders\nrun 10m");
    let calls = by_caller(&told, "advance#");
    let last = calls.values().last().expect("it ticked");
    let mut sorted = operations(last);
    sorted.sort_unstable();
    let expected = [
        "DescribeAlarms",
        "DescribeServices",
        "GetItem",
        "GetPipelineExecution",
        "GetPipelineState",
        "TransactWriteItems",
    ];
    assert_eq!(sorted, expected);
}

/// The policy of `policy/examples/compared.json`: an alarm, a comparison and a dead-letter queue.
#[test]
fn a_tick_with_three_checks_and_a_share_costs_nine_calls() {
    let mut stage = deployed(1, Arc::new(decide::decide));
    // Data points come in pages of 100 800.
    stage.sim.world().page_size = None;
    let example: Value = serde_json::from_str(include_str!("../../policy/examples/compared.json")).expect("JSON");
    let row = stage.service_with("orders", Cut::WithOpen, |policy| *policy = example);
    stage.queue("orders", &Plan::default());
    {
        let mut world = stage.sim.world();
        whole::push(&mut world, &row, "v2");
        stories::scene::release(&mut world, &row, "v2");
    }
    assert!(
        stage.run_until(3_600, |stage| stage.awaits_approval(&row)),
        "no approval"
    );
    stage.run_for(5 * 60);
    let calls = stage.sim.world().calls.clone();
    let ticks = calls.iter().filter(|call| call.caller.starts_with("advance#"));
    let mut by_tick: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for call in ticks {
        by_tick.entry(&call.caller).or_default().push(&call.operation);
    }
    // A notice is a call more, and a fact; few ticks have one to send.
    let tells = |operations: &Vec<&str>| operations.contains(&"StartExecution");
    let compares = |operations: &&Vec<&str>| operations.contains(&"GetMetricData") && !tells(operations);
    let notices = by_tick.values().filter(|operations| tells(operations)).count();
    assert!((1..=6).contains(&notices), "{by_tick:?}");
    let comparing: Vec<&Vec<&str>> = by_tick.values().filter(compares).collect();
    assert!(comparing.len() >= 3, "{by_tick:?}");
    let expected = [
        "DescribeAlarms",
        // Whether the canary is scaled automatically, as its step gives it a share.
        "DescribeScalableTargets",
        "DescribeServices",
        "GetItem",
        "GetMetricData",
        "GetPipelineExecution",
        "GetPipelineState",
        "GetQueueAttributes",
        "TransactWriteItems",
    ];
    for operations in comparing {
        let mut sorted = operations.clone();
        sorted.sort_unstable();
        // One more where something was learned, and is written down before anything follows from it.
        sorted.dedup();
        assert_eq!(sorted, expected);
        assert!(operations.len() <= 10, "{operations:?}");
    }
}

/// What is asked of load balancers by one invocation, in alphabetical order; how many of them ask so.
fn asked_of_balancers(told: &Told, function: &str) -> BTreeMap<Vec<String>, usize> {
    let mut kinds = BTreeMap::new();
    for calls in by_caller(told, function).values() {
        let balancing = calls.iter().filter(|call| call.service == "elbv2");
        let mut operations: Vec<String> = balancing.map(|call| call.operation.clone()).collect();
        operations.sort_unstable();
        *kinds.entry(operations).or_default() += 1;
    }
    kinds
}

/// What each router asks of AWS in a look, and what giving a share costs beside that.
#[test]
fn a_look_behind_a_load_balancer_costs_three_calls_and_a_shift_five_more_with_its_reading_back() {
    let script = include_str!("../told/an-alarm-returns-the-weights-beside-the-restore.story");
    let told = play(&script.replace("sticky for 60s", "sticky for 61s"));
    let ticks = asked_of_balancers(&told, "advance#");
    let count = |operations: &[&str]| {
        let operations: Vec<String> = operations.iter().map(ToString::to_string).collect();
        ticks.get(&operations).copied().unwrap_or_default()
    };
    assert!(
        count(&["DescribeRules", "DescribeTags", "DescribeTargetHealth"]) >= 3,
        "looks in a bake: {ticks:?}"
    );
    let shifts = [
        "DescribeRules",
        "DescribeRules",
        "DescribeRules",
        "DescribeTags",
        "DescribeTags",
        "DescribeTargetHealth",
        "DescribeTargetHealth",
        "ModifyRule",
    ];
    assert!(
        count(&shifts) >= 1,
        "each step looks, reads and writes, and reads back: {ticks:?}"
    );
    let most = ticks.keys().map(Vec::len).max();
    assert_eq!(most, Some(shifts.len()), "{ticks:?}");
    let back = asked_of_balancers(&told, "rollback#");
    let expected = vec![
        "DescribeRules".to_owned(),
        "DescribeRules".to_owned(),
        "ModifyRule".to_owned(),
    ];
    assert!(
        back.contains_key(&expected),
        "the way back is looked for once: {back:?}"
    );
    // Whoever shares by tasks asks no load balancer.
    let by_tasks = play(UNTIL_THE_ALARM);
    let asked = by_tasks
        .stage
        .sim
        .world()
        .calls
        .iter()
        .any(|call| call.service == "elbv2");
    assert!(!asked);
}

/// The most calls of one tick, of all services.
fn most_of_a_tick(told: &Told) -> usize {
    by_caller(told, "advance#")
        .values()
        .map(Vec::len)
        .max()
        .unwrap_or_default()
}

#[test]
fn a_tick_behind_a_listeners_default_action_asks_as_much_as_behind_a_rule() {
    let told = play(include_str!(
        "../told/a-listeners-default-action-is-shifted-and-returned.story"
    ));
    let ticks = asked_of_balancers(&told, "advance#");
    let look = ["DescribeListeners", "DescribeTags", "DescribeTargetHealth"].map(str::to_owned);
    assert!(ticks.get(look.as_slice()) >= Some(&3), "looks in a bake: {ticks:?}");
    let shifts = [
        "DescribeListeners",
        "DescribeListeners",
        "DescribeListeners",
        "DescribeTags",
        "DescribeTags",
        "DescribeTargetHealth",
        "DescribeTargetHealth",
        "ModifyListener",
    ];
    assert!(ticks.get(shifts.map(str::to_owned).as_slice()) >= Some(&2), "{ticks:?}");
    assert_eq!(ticks.keys().map(Vec::len).max(), Some(shifts.len()), "{ticks:?}");
    assert_eq!(most_of_a_tick(&told), 24);
    let back = asked_of_balancers(&told, "rollback#");
    let returned = ["DescribeListeners", "DescribeListeners", "ModifyListener"].map(str::to_owned);
    assert!(back.contains_key(returned.as_slice()), "{back:?}");
}

#[test]
fn a_tick_of_a_swap_asks_a_load_balancer_no_more_than_that_of_a_share() {
    let told = play(include_str!(
        "../told/two-sides-are-swapped-and-the-old-one-is-retired.story"
    ));
    let ticks = asked_of_balancers(&told, "advance#");
    assert_eq!(ticks.keys().map(Vec::len).max(), Some(8), "{ticks:?}");
    assert_eq!(most_of_a_tick(&told), 23);
    let expected = [
        "DescribeAlarms",
        "DescribeRules",
        // Each side's number of tasks is ours while it has the share.
        "DescribeScalableTargets",
        "DescribeServices",
        "DescribeTags",
        "DescribeTargetHealth",
        "GetItem",
        "GetItem",
        "TransactWriteItems",
    ];
    let baking = by_caller(&told, "advance#").into_values().filter(|calls| {
        let mut sorted = operations(calls);
        sorted.sort_unstable();
        sorted == expected
    });
    assert!(baking.count() >= 10, "a look in a bake is nine calls");
}
