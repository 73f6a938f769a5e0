//! The function dies after each single AWS call in turn, and the next trigger finishes.

use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use stories::told::Told;

/// More calls than any invocation makes.
const CALLS_MAX: u32 = 60;

/// A death that never comes, for the invocations before the one that is meant.
const LIVES: u32 = u32::MAX;

fn script(story: &str) -> String {
    let path = format!("{}/told/{story}.story", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Plays a story that ends in a rollback, with something done before each line.
fn play(what: &str, script: &str, before: impl FnMut(&mut Told, &str)) -> Told {
    let told = played(what, script, before);
    assert!(told.text.contains(" is rolled back"), "{what}\n{}", told.text);
    told
}

/// Plays a story, with something done before each line.
fn played(what: &str, script: &str, mut before: impl FnMut(&mut Told, &str)) -> Told {
    let mut told = Told::new(1, Arc::new(decide::decide));
    for line in script.lines() {
        before(&mut told, line);
        told.line(line)
            .unwrap_or_else(|error| panic!("{what}: {line}: {error}\n{}", told.text));
    }
    let broken = told.finish();
    assert!(broken.is_empty(), "{what}: {broken:?}\n{}", told.text);
    told
}

fn died(told: &Told, function: &str) -> bool {
    let ended = told.stage.sim.ended.borrow();
    ended
        .iter()
        .filter(|end| end.function == function && end.outcome == Err("died".to_owned()))
        .count()
        > 0
}

/// Plays a story again and again, in which a function dies after each of its calls in turn, beginning at the line that
/// begins so. It makes at least so many calls, and the story ends well each time.
fn may_die_after_each_call(function: &str, least: u32, from: &str, lives_on: impl Fn(&str, &mut Before<'_>) -> Told) {
    let dies = |calls: &u32| {
        let what = format!("{function} dies after {calls} calls");
        let told = lives_on(&what, &mut |told: &mut Told, line: &str| {
            if line.starts_with(from) {
                told.stage.sim.let_die(function, *calls);
            }
        });
        died(&told, function)
    };
    let lived = (1..CALLS_MAX).find(|calls| !dies(calls)).unwrap_or(CALLS_MAX);
    assert!(
        (least..CALLS_MAX).contains(&lived),
        "died after each of {} calls",
        lived - 1
    );
}

/// What is done before each line of a story.
type Before<'a> = dyn FnMut(&mut Told, &str) + 'a;

/// The same of a story that ends in a rollback, where its queue fills.
fn may_die_while_it_rolls_back(function: &str, least: u32, story: &str, script: &str) {
    may_die_after_each_call(function, least, "dlq", |what, before| {
        play(&format!("{story}, {what}"), script, before)
    });
}

#[test]
fn rollback_may_die_after_any_call_while_the_approval_waits() {
    // Two ledger calls, four looks, the commit, two acts, the journal.
    let story = "alarm-at-the-approval";
    may_die_while_it_rolls_back("rollback", 9, story, &script(story));
}

#[test]
fn rollback_may_die_after_any_call_while_stable_is_deployed() {
    let story = "alarm-while-stable-is-deployed";
    may_die_while_it_rolls_back("rollback", 12, story, &script(story));
    // The alarm came while ECS was still deploying, so ECS was told to turn round.
    let told = play(story, &script(story), |_, _| {});
    let turned = told
        .stage
        .sim
        .world()
        .calls
        .iter()
        .filter(|call| call.caller.starts_with("rollback#") && call.operation == "StopServiceDeployment")
        .filter(|call| call.outcome.is_ok())
        .count();
    assert_eq!(turned, 1);
}

#[test]
fn advance_may_die_after_any_call_of_a_tick() {
    let story = "alarm-at-the-approval";
    may_die_while_it_rolls_back("advance", 5, story, &script(story));
}

/// A tick that did more than look.
struct Acting {
    /// How many ticks came before it since the clock was switched on.
    tick: usize,
    /// What it changed; `close` where it closed the release.
    did: BTreeSet<String>,
    calls: u32,
}

const READS: [&str; 5] = ["Describe", "Get", "List", "Query", "Scan"];

/// The ticks from that line on that did more than look, as the story goes if nobody dies.
fn acting(story: &str, script: &str, from: &str) -> Vec<Acting> {
    let mut before = 0;
    let told = played(story, script, |told, line| {
        if line == from {
            before = ticks(told).len();
        }
    });
    let world = told.stage.sim.world();
    let mut acting = Vec::new();
    for (tick, (label, answer)) in ticks(&told).into_iter().skip(before).enumerate() {
        let calls: Vec<_> = world.calls.iter().filter(|call| call.caller == label).collect();
        let mut did: BTreeSet<String> = calls
            .iter()
            .filter(|call| call.service != "dynamodb" && !READS.iter().any(|read| call.operation.starts_with(read)))
            .map(|call| call.operation.clone())
            .collect();
        if answer["outcome"].is_string() {
            did.insert("close".to_owned());
        }
        if !did.is_empty() {
            let calls = u32::try_from(calls.len()).expect("not so many");
            acting.push(Acting { tick, did, calls });
        }
    }
    acting
}

/// Labels and answers of all ticks that ended, in the order in which they were started.
fn ticks(told: &Told) -> Vec<(String, Value)> {
    let ended = told.stage.sim.ended.borrow();
    let mut ticks: Vec<(u32, String, Value)> = ended
        .iter()
        .filter(|end| end.function == "advance")
        .map(|end| {
            let number = end.label.trim_start_matches("advance#").parse().expect("a number");
            (number, end.label.clone(), end.outcome.clone().unwrap_or_default())
        })
        .collect();
    ticks.sort_by_key(|(number, ..)| *number);
    ticks.into_iter().map(|(_, label, answer)| (label, answer)).collect()
}

/// The clock's tick rolls back, since `rollback` died; it dies itself after each call of each tick that does something.
fn every_tick_may_die(story: &str, script: &str) -> BTreeSet<String> {
    let mut did = BTreeSet::new();
    for acting in acting(story, script, "clock on") {
        for calls in 1..=acting.calls {
            let what = format!(
                "{story}, tick {} dies after {calls} of {} calls",
                acting.tick, acting.calls
            );
            let told = play(&what, script, |told, line| {
                if line == "clock on" {
                    (0..acting.tick).for_each(|_| told.stage.sim.let_die("advance", LIVES));
                    told.stage.sim.let_die("advance", calls);
                }
            });
            assert!(died(&told, "advance"), "{what}: it lived");
        }
        did.extend(acting.did);
    }
    did
}

#[test]
fn advance_may_die_after_any_call_of_a_rollback_in_the_middle_of_promoting() {
    let story = "the-function-dies-and-the-next-trigger-finishes";
    let did = every_tick_may_die(story, &script(story));
    let wanted = [
        "DisableStageTransition",
        "EnableStageTransition",
        // The token that the ledger holds, though the approval was answered since.
        "PutApprovalResult",
        "StopPipelineExecution",
        "StopServiceDeployment",
        "StopTask",
        "UpdateService",
        "close",
    ];
    assert_eq!(did.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
}

#[test]
fn advance_may_die_after_any_call_of_a_rollback_that_has_to_register_a_copy() {
    let story = "the-baselines-definition-is-inactive";
    let script = script(story)
        .replace("dlq orders 25", "clock off\nlet rollback die after 2\ndlq orders 25")
        .replace("until alarm orders", "until alarm orders\nrun 15s\nclock on");
    let did = every_tick_may_die(story, &script);
    for wanted in ["PutApprovalResult", "RegisterTaskDefinition", "UpdateService", "close"] {
        assert!(did.contains(wanted), "no tick did {wanted}: {did:?}");
    }
}

/// Calls of each invocation of a function, in order.
fn invocations(told: &Told, function: &str) -> Vec<u32> {
    let world = told.stage.sim.world();
    let mut invocations: Vec<(u32, u32)> = told
        .stage
        .sim
        .ended
        .borrow()
        .iter()
        .filter(|end| end.function == function)
        .map(|end| {
            let number = end.label.rsplit('#').next().and_then(|number| number.parse().ok());
            let calls = world.calls.iter().filter(|call| call.caller == end.label).count();
            (number.expect("a number"), u32::try_from(calls).expect("not so many"))
        })
        .collect();
    invocations.sort_unstable();
    invocations.into_iter().map(|(_, calls)| calls).collect()
}

/// What became of releases, services and executions in a story, whatever it took.
fn the_end(told: &Told) -> Vec<String> {
    let (_, end) = told.text.rsplit_once("in the end:\n").expect("it ended");
    let lines = end.lines().filter(|line| !line.starts_with("  law"));
    lines.map(str::to_owned).collect()
}

/// How a function answered the job each time that it was asked, in order.
fn answers(told: &Told, function: &str) -> Vec<String> {
    let mut answers: Vec<(u32, String)> = told
        .stage
        .sim
        .ended
        .borrow()
        .iter()
        .filter(|end| end.function == function)
        .map(|end| {
            let number = end.label.rsplit('#').next().and_then(|number| number.parse().ok());
            let answer = end.outcome.as_ref().expect("it lived")["answer"].clone();
            (
                number.expect("a number"),
                answer.as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    answers.sort_unstable();
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// A job dies after each call of one of its questions, and all ends as it does without that.
fn a_question_may_die(story: &str, function: &str, which: impl Fn(&[String]) -> usize, answer: &str) {
    let script = script(story);
    let lives = played(story, &script, |_, _| {});
    let (answers, calls_of) = (answers(&lives, function), invocations(&lives, function));
    let place = which(&answers);
    assert_eq!(answers[place], answer, "{story}: {answers:?}");
    assert!(calls_of[place] >= 4, "{story}: {function} made {calls_of:?} calls");
    for calls in 1..=calls_of[place] {
        let what = format!("{story}, question {place} of {function} dies after {calls} calls");
        let told = played(&what, &script, |told, line| {
            if line.starts_with("release") {
                (0..place).for_each(|_| told.stage.sim.let_die(function, LIVES));
                told.stage.sim.let_die(function, calls);
            }
        });
        assert!(died(&told, function), "{what}: it lived");
        assert_eq!(the_end(&told), the_end(&lives), "{what}\n{}", told.text);
    }
}

const PROVEN: &str = "serin-gives-stable-what-the-canary-has-proven";

#[test]
fn a_job_of_ours_may_die_after_any_call_of_its_first_question() {
    // `open` is asked once, and answers for good.
    for (function, answer) in [("open", "success"), ("approve", "later"), ("promote", "later")] {
        a_question_may_die(PROVEN, function, |_| 0, answer);
    }
}

#[test]
fn a_job_of_ours_may_die_after_any_call_of_a_question_in_the_middle() {
    for function in ["approve", "promote"] {
        let middle = |answers: &[String]| {
            // Asked with what the answer before gave to be asked with, and neither the first question nor the last.
            assert!(answers.len() >= 3, "{function}: {answers:?}");
            answers.len() / 2
        };
        a_question_may_die(PROVEN, function, middle, "later");
    }
}

fn last(answers: &[String]) -> usize {
    answers.len().checked_sub(1).expect("it was asked")
}

#[test]
fn a_job_of_ours_may_die_after_any_call_of_the_question_that_it_answers_with_success() {
    for function in ["approve", "promote"] {
        a_question_may_die(PROVEN, function, last, "success");
    }
}

#[test]
fn a_job_of_ours_may_die_after_any_call_of_the_question_that_it_answers_with_failure() {
    let rings = "the-alarm-rings-in-the-bake-and-the-approve-action-fails";
    a_question_may_die(rings, "approve", last, "failure");
    let breaks = "the-circuit-breaker-takes-back-what-serin-gave-stable";
    a_question_may_die(breaks, "promote", last, "failure");
}

/// Every tick from that line on that calls this operation dies after each of its calls, and the story ends as it is told.
fn each_tick_may_die_that(operation: &str, story: &str, from: &str) {
    each_tick_of(operation, story, &script(story), from);
}

/// The same for another script of that story.
fn each_tick_of(operation: &str, story: &str, script: &str, from: &str) {
    let acting = acting(story, script, from);
    let mut those = acting.iter().filter(|acting| acting.did.contains(operation)).peekable();
    assert!(those.peek().is_some(), "{story}: no tick does {operation}");
    for acting in those {
        for calls in 1..=acting.calls {
            let (tick, of) = (acting.tick, acting.calls);
            let what = format!("{story}, tick {tick} dies after {calls} of {of} calls");
            let told = played(&what, script, |told, line| {
                if line == from {
                    (0..tick).for_each(|_| told.stage.sim.let_die("advance", LIVES));
                    told.stage.sim.let_die("advance", calls);
                }
            });
            assert!(died(&told, "advance"), "{what}: it lived");
        }
    }
}

#[test]
fn advance_may_die_after_any_call_of_the_tick_that_answers_an_approval() {
    each_tick_may_die_that("PutApprovalResult", "serin-answers-the-manual-approval", "run 5m");
}

#[test]
fn advance_may_die_after_any_call_of_the_tick_that_tells_people() {
    each_tick_may_die_that(
        "StartExecution",
        "a-person-is-told-when-it-has-baked-and-approves",
        "run 10m",
    );
}

#[test]
fn advance_may_die_after_any_call_of_a_tick_that_tells_how_it_ended() {
    each_tick_may_die_that(
        "StartExecution",
        "a-bad-release-is-told-and-its-end-is-said",
        "until alarm orders",
    );
}

/// Reading the rule, setting its weights and reading them back, for each step and on the way to rest.
#[test]
fn advance_may_die_after_any_call_of_each_tick_that_shifts_traffic() {
    each_tick_may_die_that(
        "ModifyRule",
        "weights-grow-step-by-step-and-are-at-rest-again",
        "until shop-canary of shop is given v2",
    );
}

/// Giving the canary its revision and its tasks, each step, everything, and the retirement of the old side.
#[test]
fn advance_may_die_after_any_call_of_each_tick_of_a_swap() {
    let story = "two-sides-are-swapped-and-the-old-one-is-retired";
    let script = script(story);
    let (first, _) = script.split_once("push shop v3").expect("the second release");
    for operation in ["ModifyRule", "UpdateService"] {
        each_tick_of(operation, story, first, "until shop-canary has 3 tasks");
    }
}

/// The weights first, then the new side's tasks: whoever dies in between.
#[test]
fn rollback_may_die_after_any_call_while_the_new_side_carries_everything() {
    let story = "a-swap-is-undone-in-its-watch-and-the-next-one-before-it-carries-everything";
    let script = script(story);
    let (first, _) = script.split_once("dlq shop 0\n").expect("the second release");
    // Whoever comes next returns them, and that takes longer.
    let script = first.replace("run 5s\nexpect the weights of shop are 0 to 1\n", "");
    may_die_while_it_rolls_back("rollback", 10, story, &script);
}

#[test]
fn rollback_may_die_after_any_call_while_the_canary_has_half_of_all_requests() {
    let story = "an-alarm-returns-the-weights-beside-the-restore";
    // Whoever comes next returns them, and that takes longer.
    let script = script(story).replace("run 10s\nexpect the weights of shop are 1 to 99\n", "");
    may_die_while_it_rolls_back("rollback", 12, story, &script);
}

/// Whoever has started by hand hears nothing and sends it again: one release, whenever `open` died.
#[test]
fn open_may_die_after_any_call_of_an_explicit_start_that_is_sent_again() {
    let policy = "policy orders {\"pipeline\": null, \"approval\": \"automatic\", \"promotion\": \"roll_stable\", \
                  \"steps\": [{\"share_permille\": 250, \"bake_minutes\": 2}], \"watch_minutes\": 2}";
    let script = format!(
        "serin deployed\n{policy}\npush orders v2\nann releases v2 of orders by hand because the build is green\n\
         run 90s\nstart 1 is sent again\nuntil release of orders is baking\nuntil closed orders\n\
         expect release of orders is promoted\nexpect orders runs v2\nexpect one release of orders\n\
         start 1 is sent again\nrun 10s\nexpect one release of orders"
    );
    // Whether it came before, the policy, the services, the images, the alarms, the slot, the way back, the opening.
    may_die_after_each_call("open", 12, "ann ", |what, before| played(what, &script, before));
}

#[test]
fn advance_may_die_after_any_call_of_a_tick_that_registers_or_gives_what_was_started_by_hand() {
    let story = "a-person-releases-by-hand-and-serin-promotes";
    each_tick_may_die_that("RegisterTaskDefinition", story, "run 5s");
    each_tick_may_die_that("UpdateService", story, "run 5s");
}

/// Automatic scaling is suspended while steps give the canary its number of tasks, and given back with its own number.
#[test]
fn advance_may_die_after_any_call_of_each_tick_that_suspends_scaling_or_gives_it_back() {
    let story = "the-canarys-own-scaling-waits-while-steps-give-it-a-share";
    let script = script(story);
    let (first, _) = script
        .split_once("automatic scaling gives orders-canary 2\nexpect orders-canary has 2 tasks")
        .expect("the second release");
    // Only the clock acts, so that every change of scaling is a tick's.
    let first = first.replace(
        "serin deployed\n",
        "serin deployed\nno event of pipeline or service is heard\n",
    );
    each_tick_of(
        "RegisterScalableTarget",
        story,
        &first,
        "until orders-canary has 3 tasks",
    );
}
