//! `serin status`, `history`, `journal` and `policy check --live` against `serin lab`, both as people run them.

mod lab;

use lab::Lab;
use serde_json::Value;
use std::process::Command;

#[test]
fn a_release_lives_and_is_rolled_back_in_the_lab_while_somebody_watches() {
    let lab = Lab::start(&["--speed", "0"]);
    assert_eq!(
        lab.told(&["status"]),
        "orders: nothing is being released; no release so far\n"
    );
    lab.post("/_lab/poison?version=v2&permille=1000");
    lab.post("/_lab/deploy?version=v2");
    let state = lab.post("/_lab/advance?seconds=200");
    assert_eq!(state["release"], "baking", "{state}");
    assert_eq!(state["services"][1]["running"]["v2"], 1, "{state}");
    let told = lab.told(&["status", "orders"]);
    assert!(told.starts_with("orders: baking since 2026-11-21T03:0"), "{told}");
    // By the lab's clock, which is not the machine's.
    assert!(told.contains(" ago\n") && !told.contains("overdue"), "{told}");
    let state = lab.post("/_lab/advance?seconds=900");
    assert_eq!(state["release"], "rolled back", "{state}");
    assert_eq!(state["services"][1]["running"], serde_json::json!({"v1": 1}), "{state}");
    // The alarm was earned: by messages that the canary failed, and that are still there.
    let queue = &state["queue"];
    let count = |what: &str| queue[what].as_u64().expect("a number");
    assert!(count("dead") > 10 && count("lost") == count("dead"), "{state}");
    assert_eq!(
        count("sent"),
        count("handled") + count("lost") + count("waiting"),
        "{state}"
    );
    assert_eq!(state["alarm"]["state"], "ALARM", "{state}");
    lab.post("/_lab/purge");
    let (status, refused) = lab.http("POST", "/_lab/purge");
    assert_eq!(status, 409, "{refused}");
    assert!(refused.to_string().contains("is allowed every 60 seconds"), "{refused}");
    let state = lab.post("/_lab/advance?seconds=300");
    assert_eq!(
        (&state["queue"]["dead"], &state["alarm"]["state"]),
        (&0.into(), &"OK".into()),
        "{state}"
    );
    // Emptying it brings nothing back.
    assert_eq!(state["queue"]["lost"], queue["lost"], "{state}");
    assert!(lab.told(&["history", "orders"]).contains("  rolled back after "));
    assert!(
        lab.told(&["journal", "orders"])
            .contains("      - orders-canary was given orders-canary:2\n")
    );
    let past: Value = serde_json::from_str(&lab.told(&["history", "orders", "--json"])).expect("JSON");
    let release = past["releases"][0]["release"]["id"].as_str().expect("an id");
    let file = format!("{}/{release}.html", env!("CARGO_TARGET_TMPDIR"));
    assert_eq!(lab.told(&["report", release, "-o", &file]), format!("{file}\n"));
    let page = std::fs::read_to_string(&file).expect("a page");
    for part in [
        "Rolled back after ",
        "Check: alarm orders-dlq-depth",
        "Messages in the queue orders",
        "of table serin",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let json: Value = serde_json::from_str(&lab.told(&["status", "--json"])).expect("JSON");
    assert_eq!(
        (&json["table"], &json["policies"][0]["state"]),
        (&"serin".into(), &"idle".into())
    );
    assert_eq!(
        json["at"].as_str().map(|at| &at[..13]),
        lab.http("GET", "/_lab/health").1["now"].as_str().map(|at| &at[..13])
    );
}

#[test]
fn a_policy_is_held_against_the_lab_and_a_bake_that_is_too_short_is_refused_unless_accepted_by_name() {
    let lab = Lab::start(&["--speed", "0"]);
    let example = format!("{}/../policy/examples/queue-worker.json", env!("CARGO_MANIFEST_DIR"));
    let check = |more: &[&str], file: &str| {
        let output = lab.serin(&[&["policy", "check", "--live"], more, &[file]].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, told, problem) = check(&[], &example);
    assert_eq!((code, problem.as_str()), (Some(0), ""), "{told}");
    let golden = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/golden/live.txt")).expect("a golden");
    // The same account as in the tests of the command itself, but for the path of the file.
    let facts = |text: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| !line.starts_with("  canary "));
        lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    assert!(facts(&told).len() > 20, "{told}");
    assert_eq!(facts(&told), facts(&golden));
    let document = std::fs::read_to_string(&example).expect("an example");
    let steps = r#""steps": [{"share_permille": 250, "bake_minutes": 4}], "checks""#;
    let short = format!("{}/short-bake.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&short, document.replace(r#""checks""#, steps)).expect("a file");
    let (code, told, problem) = check(&[], &short);
    assert_eq!(code, Some(1), "{told}");
    assert_eq!(
        problem,
        "serin: one policy cannot work so, or could not be seen whole; mend what is told above\n"
    );
    assert!(
        told.contains("\n  refused    steps[0].bake_minutes: is 4: orders-dlq-depth needs up to"),
        "{told}"
    );
    let (code, told, _) = check(&["--accept", "short-bake"], &short);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("\n  warning    steps[0].bake_minutes: is 4:"), "{told}");
    let mistaken = format!("{}/mistaken.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&mistaken, document.replace("prod", "")).expect("a file");
    let (code, told, _) = check(&["--json", &short], &mistaken);
    let json: Value = serde_json::from_str(&told).expect("JSON");
    let verdicts: Vec<&Value> = [0, 1].map(|index| &json["policies"][index]["verdict"]).to_vec();
    assert_eq!(
        (code, verdicts),
        (Some(1), vec![&"refused".into(), &"mistaken".into()]),
        "{told}"
    );
    assert_eq!(json["region"], "eu-central-1");
    assert_eq!(json["policies"][0]["reactions"][0]["seconds"], 300, "{told}");
    assert_eq!(
        json["policies"][1]["mistakes"][0]["field"], "two_services.cluster",
        "{told}"
    );
}

#[test]
fn what_is_wrong_is_one_line_with_the_next_step() {
    let lab = Lab::start(&["--scene", "alarm/direct-metric"]);
    assert!(lab.told(&["status"]).starts_with("orders: baking since "));
    let endpoint = format!("http://{}", lab.at);
    let serin = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
        let environment = environment.iter().copied();
        let output = command
            .args(arguments)
            .env_clear()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(environment)
            .output();
        let output = output.expect("serin runs");
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        String::from_utf8(output.stderr).expect("text")
    };
    let keys = [("AWS_ACCESS_KEY_ID", "lab"), ("AWS_SECRET_ACCESS_KEY", "lab")];
    let region = ("AWS_REGION", "eu-central-1");
    let to = |table| {
        [
            keys[0],
            keys[1],
            region,
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("SERIN_TABLE", table),
        ]
    };
    let cases = [
        (
            serin(&["status"], &[]),
            "serin: which table? Name the stack's output LedgerTable",
        ),
        (
            serin(&["status", "--table", "t"], &keys),
            "serin: no AWS region; set AWS_REGION",
        ),
        (
            serin(&["status", "--table", "t"], &[region]),
            "serin: no AWS credentials (",
        ),
        (
            serin(&["policy", "check", "--live", "any.json"], &[region]),
            "serin: no AWS credentials (",
        ),
        (
            serin(&["status"], &to("other")),
            "serin: there is no table other in eu-central-1 of this account; ",
        ),
        (
            serin(&["status", "order"], &to("serin")),
            "serin: no policy order in this ledger",
        ),
        (
            serin(&["journal", "orders", "orders-0"], &to("serin")),
            "serin: policy orders has no release orders-0; ",
        ),
        (
            serin(&["report", "orders-0"], &to("serin")),
            "serin: policy orders has no release orders-0; ",
        ),
        (
            serin(&["report", "orders"], &to("serin")),
            "serin: orders is no id of a release; ",
        ),
        (
            serin(&["lab", "--scene", "alarm/none"], &[]),
            "serin: no scene alarm/none; `serin lab --list` shows them",
        ),
    ];
    for (said, begins) in cases {
        assert!(said.starts_with(begins), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let (status, body) = lab.http("GET", "/_lab/nothing");
    assert_eq!(status, 404, "{body}");
}

#[test]
fn the_scenes_are_listed_with_who_takes_their_event() {
    let output = Command::new(env!("CARGO_BIN_EXE_serin"))
        .args(["lab", "--list"])
        .output()
        .expect("serin runs");
    let listed = String::from_utf8(output.stdout).expect("text");
    let scene =
        "alarm/direct-metric  (rollback)\n    a bad release waits at its approval, its alarm is about to go off\n";
    assert!(listed.contains(scene), "{listed}");
    assert_eq!(listed.lines().count(), 2 * stories::scenes::SCENES.len());
}

#[test]
fn a_person_freezes_the_lab_thaws_it_and_aborts_what_bakes_and_the_journal_says_so() {
    let lab = Lab::start(&["--speed", "0"]);
    let refused = |arguments: &[&str]| {
        let output = lab.serin(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).expect("text")
    };
    let none = refused(&["abort", "orders", "--why", "nothing is there"]);
    assert!(none.starts_with("serin: no release of policy orders is open"), "{none}");
    lab.post("/_lab/deploy?version=v2");
    let state = lab.post("/_lab/advance?seconds=200");
    assert_eq!(state["release"], "baking", "{state}");
    let frozen = lab.told(&[
        "freeze",
        "--all",
        "--why",
        "the warehouse counts",
        "--until",
        "2026-11-21T12:00:00Z",
    ]);
    assert!(
        frozen.starts_with("orders: policy orders is frozen until 2026-11-21T12:00:00Z by"),
        "{frozen}"
    );
    assert!(
        lab.told(&["status"]).contains("assumed-role/lab/you"),
        "{}",
        lab.told(&["status"])
    );
    let skipped = refused(&["skip", "orders", "--why", "I do not know of that"]);
    assert!(skipped.contains("orders: refused: "), "{skipped}");
    let other = refused(&["abort", "orders", "--why", "that one", "--release", "orders-0"]);
    assert!(other.contains("release orders-0 is not open; orders-"), "{other}");
    lab.told(&["thaw", "orders", "--why", "it is counted"]);
    let hostile = "wrong numbers\u{1b}[2J\u{202e}";
    let told = lab.told(&["abort", "orders", "--why", hostile]);
    assert!(
        told.contains("aborted by arn:aws:sts::111122223333:assumed-role/lab/you"),
        "{told}"
    );
    assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}'), "{told}");
    lab.post("/_lab/advance?seconds=900");
    let journal = lab.told(&["journal", "orders"]).replace("\n             ", " ");
    assert!(journal.contains("wrong numbers[2J"), "{journal}");
    let history = lab.told(&["history", "orders"]);
    assert!(history.contains("rolled back"), "{history}");
    let again = refused(&["freeze", "orders", "--why", "x", "--until", "yesterday"]);
    assert!(again.contains("--until yesterday: no time; write one as in"), "{again}");
    let nobody = refused(&["freeze", "nobody", "--why", "a typing mistake"]);
    assert!(nobody.contains("no policy nobody is known"), "{nobody}");
    let elsewhere = refused(&["thaw", "orders", "--why", "x", "--function", "elsewhere"]);
    assert!(
        elsewhere.contains("there is no function elsewhere in eu-central-1"),
        "{elsewhere}"
    );
}
