//! What `status`, `history` and `journal` answer about stories of a whole account, through the real SDK.

use crate::history::History;
use crate::journal::Journal;
use crate::place::{Told, Unanswered};
use crate::status::Status;
use aws::ledger::{Ledger, LedgerError};
use expect_test::expect_file;
use serde_json::{Value, json};
use simulator::faults::{Fault, Rule};
use std::sync::Arc;
use stories::scene::TABLE;
use stories::told::Told as Story;

/// Characters in a line of a terminal.
const WIDTH: usize = 80;

fn play(script: &str) -> Story {
    let mut story = Story::new(1, Arc::new(decide::decide));
    script.lines().for_each(|line| say(&mut story, line));
    story
}

fn say(story: &mut Story, line: &str) {
    let played = story.line(line);
    played.unwrap_or_else(|error| panic!("{line}: {error}\n{}", story.text));
}

/// Asks a question of a story's ledger, as somebody who is no function.
fn ask<T>(story: &Story, question: impl AsyncFnOnce(&Ledger) -> Result<T, Unanswered>) -> Result<T, String> {
    let ledger = story.stage.serin("cli").ledger;
    let answer = story.stage.sim.block_on(question(&ledger));
    answer.map_err(|unanswered| match unanswered {
        Unanswered::Ledger(error) => aws::terminal::explain(&error, TABLE, "eu-central-1"),
        Unanswered::Nothing(problem) => problem,
    })
}

fn status(story: &Story, policy: Option<&str>) -> Result<Status, String> {
    ask(story, async |ledger| Status::of(ledger, policy).await)
}

fn history(story: &Story, policy: &str) -> Result<History, String> {
    ask(story, async |ledger| History::of(ledger, policy, 20).await)
}

fn journal(story: &Story, policy: &str, release: Option<&str>) -> Result<Journal, String> {
    ask(story, async |ledger| Journal::of(ledger, policy, release).await)
}

/// What a person reads, at the moment the story has reached.
fn read(story: &Story, told: &Result<impl Told, String>) -> String {
    let at = story.stage.serin("cli").now();
    let text = told.as_ref().map_or_else(Clone::clone, |told| told.text(at));
    for line in text.lines() {
        assert!(line.chars().count() <= WIDTH, "wider than a terminal: {line}");
        assert_eq!(line, line.trim_end());
    }
    text
}

fn read_json(story: &Story, told: &Result<impl Told, String>) -> Value {
    told.as_ref().expect("an answer").json(story.stage.serin("cli").now())
}

/// A row of a policy's partition, changed behind everybody's back.
fn change(story: &Story, begins: &str, change: impl FnOnce(&mut Value)) {
    let mut world = story.stage.sim.world();
    let page_size = world.page_size.take();
    let query = json!({
        "TableName": TABLE, "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
        "ExpressionAttributeValues": {":pk": {"S": "policy#orders"}, ":sk": {"S": begins}},
    });
    let mut rows = world.call("test", "dynamodb", "Query", query).expect("rows");
    let mut row = rows["Items"][0].take();
    assert!(row["pk"].is_object(), "no row begins with {begins}");
    change(&mut row);
    let put = world.call("test", "dynamodb", "PutItem", json!({"TableName": TABLE, "Item": row}));
    put.expect("it is put");
    world.page_size = page_size;
}

const OPEN: &str = "serin deployed\npolicy billing\npolicy orders with open\npush orders v2\nrelease orders v2\n";

#[test]
fn a_bad_release_is_told_at_each_stage_of_its_life() {
    let mut story = play("serin deployed\npolicy billing\npolicy orders with open");
    let mut pages = Vec::new();
    let mut look = |story: &Story, title: &str| {
        let page = read(story, &status(story, None));
        pages.push(format!("# {title}\n{page}"));
    };
    look(&story, "nothing was ever released");
    for (lines, title) in [
        (
            "push orders v2\nrelease orders v2\nuntil release of orders is deploying\nrun 2s",
            "deploying",
        ),
        ("until approval orders\nrun 5m", "waiting at its approval"),
        (
            "dlq orders 25\nuntil release of orders is rolling back\nrun 20s",
            "rolling back",
        ),
        ("until release of orders is rolled back", "rolled back"),
    ] {
        lines.lines().for_each(|line| say(&mut story, line));
        look(&story, title);
    }
    expect_file!["../golden/status.txt"].assert_eq(&pages.join("\n"));
    expect_file!["../golden/history.txt"].assert_eq(&read(&story, &history(&story, "orders")));
    expect_file!["../golden/journal.txt"].assert_eq(&read(&story, &journal(&story, "orders", None)));
}

#[test]
fn the_json_of_each_answer_has_the_shape_that_is_written_down() {
    let mut story = play(OPEN);
    say(&mut story, "until approval orders");
    say(&mut story, "run 1m");
    let pretty = |json: &Value| format!("{json:#}\n");
    let open = read_json(&story, &status(&story, None));
    expect_file!["../golden/status.json"].assert_eq(&pretty(&open));
    say(&mut story, "dlq orders 25");
    say(&mut story, "until release of orders is rolled back");
    let past = read_json(&story, &history(&story, "orders"));
    expect_file!["../golden/history.json"].assert_eq(&pretty(&past));
    let told = read_json(&story, &journal(&story, "orders", None));
    expect_file!["../golden/journal.json"]
        .assert_eq(&pretty(&told["entries"].as_array().expect("entries")[..3].into()));
    let page = std::fs::read_to_string("../docs/json.md").expect("docs/json.md");
    let mut members = std::collections::BTreeSet::new();
    [&open, &past, &told]
        .into_iter()
        .for_each(|json| names(json, &mut members));
    let unsaid: Vec<&String> = members
        .iter()
        .filter(|name| !page.contains(&format!("`{name}`")))
        .collect();
    assert!(
        unsaid.is_empty(),
        "docs/json.md does not say what these are: {unsaid:?}"
    );
}

/// Names of all members at any depth, but for those that are data: containers of images.
fn names(json: &Value, found: &mut std::collections::BTreeSet<String>) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                found.insert(name.clone());
                if name != "images" {
                    names(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

#[test]
fn a_day_of_waiting_is_a_short_journal_that_loses_no_decision() {
    let story = play(&format!("{OPEN}until approval orders\nquietly\nrun 24h"));
    let told = journal(&story, "orders", None);
    let json = read_json(&story, &told);
    let entries = json["entries"].as_array().expect("entries");
    let looks: u64 = entries.iter().filter_map(|entry| entry["times"].as_u64()).sum();
    assert!(looks > 1_000, "only {looks} looks in a day");
    let page = read(&story, &told);
    assert!(page.lines().count() < 30, "{page}");
    let decided = entries.iter().filter(|entry| entry["kind"] == "decided").count();
    let heads: Vec<&str> = page.lines().filter(|line| line.starts_with("20")).collect();
    let shown = heads
        .iter()
        .filter(|head| !head.contains(", still") && !head.contains(", done"));
    assert_eq!(shown.count(), decided, "{page}");
    // None is lost in folding either.
    let times = |head: &&str| {
        head.split_once('×').map_or(1, |(_, rest)| {
            rest.split(' ').next().map_or(0, |n| n.parse().unwrap_or(0))
        })
    };
    assert_eq!(heads.iter().map(times).sum::<u64>(), looks, "{page}");
}

#[test]
fn hundreds_of_entries_come_in_pages_of_two_in_their_order() {
    let story = play(&format!("{OPEN}until approval orders"));
    let release = story
        .stage
        .slot("orders")
        .and_then(|slot| slot.held)
        .expect("open")
        .release
        .id;
    {
        let mut world = story.stage.sim.world();
        assert_eq!(world.page_size, Some(2), "so that reading goes on where a page ends");
        for number in 0..300 {
            let at = format!("2026-11-21T04:{:02}:{:02}.000Z", number / 60, number % 60);
            let row = json!({
                // Keys in the opposite order: looks are told by time, not by hash.
                "pk": {"S": format!("release#{release}")}, "sk": {"S": format!("entry#0000000099#wait#{:04}", 999 - number)},
                "at": {"S": at}, "last": {"S": at}, "times": {"N": "2"}, "phase": {"S": "baking"},
                "because": {"S": format!("baked {number} s of 600 s")}, "did": {"L": []},
            });
            let put = world.call("test", "dynamodb", "PutItem", json!({"TableName": TABLE, "Item": row}));
            put.expect("it is put");
        }
    }
    let told = journal(&story, "orders", None);
    let json = read_json(&story, &told);
    let waits: Vec<&Value> = json["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter(|entry| entry["generation"] == 99)
        .collect();
    assert_eq!(waits.len(), 300);
    assert!(waits.is_sorted_by_key(|entry| entry["at"].to_string()));
    let page = read(&story, &told);
    assert!(
        page.contains("   99  baking, still, ×600 until 2026-11-21T04:04:59Z\n      baked 299 s of 600 s\n"),
        "{page}"
    );
    let shown = read(&story, &status(&story, Some("orders")));
    assert!(
        shown.contains("because    baked 299 s of 600 s (seen so ×2)\n"),
        "{shown}"
    );
}

#[test]
fn a_row_of_a_later_schema_is_said_to_be_one_and_the_others_are_told() {
    let mut story = play(&format!("{OPEN}until approval orders"));
    change(&story, "release", |row| row["schema"]["N"] = "9".into());
    let told = status(&story, None);
    let page = read(&story, &told);
    let problem = "orders: cannot be read: policy#orders / release has schema 9, this build reads\n  up to 2; deploy the \
                   Serin that wrote it, or a later one\n";
    assert!(
        page.contains(problem) && page.contains("billing: nothing is being released"),
        "{page}"
    );
    assert_eq!(
        told.expect("an answer").problem().as_deref(),
        Some("not all could be read: orders")
    );
    change(&story, "release", |row| row["schema"]["N"] = "1".into());
    say(&mut story, "dlq orders 25");
    say(&mut story, "until release of orders is rolled back");
    change(&story, "past#", |row| row["schema"]["N"] = "9".into());
    let told = history(&story, "orders");
    assert!(read(&story, &told).starts_with("cannot be read: policy#orders /\n  past#"));
    assert_eq!(
        told.expect("an answer").problem().as_deref(),
        Some("1 of 1 releases could not be read")
    );
}

#[test]
fn what_is_overdue_is_said_to_be() {
    let story = play(&format!("{OPEN}until approval orders\nrun 1m"));
    let told = status(&story, Some("orders")).expect("an answer");
    let now = story.stage.serin("cli").now();
    assert!(told.text(now).contains("; lap 1 of its clock"), "{}", told.text(now));
    assert!(!told.text(now).contains("overdue"), "{}", told.text(now));
    let later = now.plus_seconds(600);
    assert!(told.text(later).contains("overdue by "), "{}", told.text(later));
    assert!(told.json(later)["policies"][0]["overdue_seconds"].as_i64() > Some(500));
    assert_eq!(told.json(now)["policies"][0]["overdue_seconds"], Value::Null);
}

#[test]
fn what_cannot_be_answered_is_one_line_that_names_the_next_step() {
    let story = play(&format!("{OPEN}until approval orders"));
    let of = |told: Result<Status, String>| told.err().expect("no answer");
    let unknown = of(status(&story, Some("order")));
    assert!(
        unknown.starts_with("no policy order in this ledger (known: billing, orders); "),
        "{unknown}"
    );
    let cases = [
        (
            Fault::Throttle,
            "DynamoDB throttles Query on serin (",
            "; try again in a moment",
        ),
        (
            Fault::AccessDenied,
            "these credentials may not Query on serin (",
            "dynamodb:GetItem and dynamodb:Query on that table",
        ),
    ];
    for (fault, begins, ends) in cases {
        story
            .stage
            .sim
            .world()
            .faults
            .rules
            .push(Rule::service("dynamodb", fault));
        let line = of(status(&story, None));
        assert!(
            line.starts_with(begins) && line.ends_with(ends) && !line.contains('\n'),
            "{line}"
        );
        story.stage.sim.world().faults.rules.clear();
    }
    for (release, expected) in [
        (
            "orders-0000",
            "policy orders has no release orders-0000; `serin history orders` lists them",
        ),
        (
            "billing-1",
            "policy orders has no release billing-1; `serin history orders` lists them",
        ),
    ] {
        assert_eq!(
            journal(&story, "orders", Some(release)).err().expect("no answer"),
            expected
        );
    }
    let none = journal(&story, "billing", None).err().expect("no answer");
    assert!(none.starts_with("policy billing has had no release so far"), "{none}");
    assert_eq!(
        read(&story, &history(&story, "billing")),
        "billing: no release has closed so far\n"
    );
    let elsewhere = Ledger::new(story.stage.serin("cli").clients.dynamodb, "other".to_owned());
    let asked = story.stage.sim.block_on(Status::of(&elsewhere, None));
    let Err(Unanswered::Ledger(error @ LedgerError::Refused(_))) = asked else {
        panic!("there is no such table");
    };
    let line = aws::terminal::explain(&error, "other", "eu-central-1");
    assert!(
        line.starts_with("there is no table other in eu-central-1 of this account; name the stack's"),
        "{line}"
    );
}

#[test]
fn an_account_with_no_policy_says_how_one_is_made_known() {
    let story = play("serin deployed");
    let page = read(&story, &status(&story, None));
    assert!(
        page.contains("put one into Parameter Store under /serin/policies/"),
        "{page}"
    );
}

#[test]
fn the_approvals_token_is_never_shown() {
    let story = play(&format!("{OPEN}until approval orders\nrun 2m"));
    let mut world = story.stage.sim.world();
    let state = world
        .call("test", "codepipeline", "GetPipelineState", json!({"name": "orders"}))
        .expect("a state");
    drop(world);
    let tokens = state.to_string();
    let token = tokens
        .split("\"token\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a token");
    // What a person is told of where it waits is in the row, whole: see the ledger.
    change(&story, "release", |row| {
        let text = row["document"]["S"].as_str().expect("a document");
        let mut document: Value = serde_json::from_str(text).expect("JSON");
        document["pipeline"]["approval"] =
            json!({"stage": "ManualApproval", "action": "ManualApproval", "token": token});
        row["document"]["S"] = document.to_string().into();
    });
    let told = status(&story, None);
    let shown = read(&story, &told) + &read_json(&story, &told).to_string();
    assert!(shown.contains("ManualApproval/ManualApproval"), "{shown}");
    assert!(!shown.contains(token), "{shown}");
}
