use super::{Policy, Step, Tier};
use serde_json::{Value, json};

mod approval;
mod checks;
mod swap;
mod traffic;

pub(crate) use super::traffic::kinds as traffic_kinds;

fn example() -> Value {
    json!({
        "name": "orders",
        "two_services": {"cluster": "prod", "stable": "orders", "canary": "orders-canary"},
        "traffic": {"kind": "consumer_share", "tasks_max": 40},
        "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}],
        "pipeline": {"name": "orders"},
        "approval": "pipeline",
        "promotion": "pipeline",
        "watch_minutes": 30,
        "on_new_release": "continue",
        "rollback": "allowed"
    })
}

/// The example with one value replaced (or removed, by null).
fn with(pointer: &str, value: Value) -> String {
    let mut document = example();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => drop(members.remove(last)),
        (Value::Object(members), value) => drop(members.insert(last.to_owned(), value)),
        (Value::Array(items), value) => items[last.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    document.to_string()
}

fn mistakes(text: &str) -> Vec<String> {
    Policy::read(text).map_or_else(|all| all.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

#[test]
fn what_is_not_written_means_what_the_schema_says() {
    let policy = Policy::read(&example().to_string()).unwrap();
    let frozen = serde_json::to_value(&policy).unwrap();
    let schema: Value = serde_json::from_str(&super::schema()).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    let defaults: Vec<(&str, &Value)> = properties
        .iter()
        .filter_map(|(name, node)| Some((name.as_str(), node.get("default")?)))
        .collect();
    assert_eq!(defaults, [("deadline_minutes", &json!(30))]);
    for (name, default) in defaults {
        assert!(example().get(name).is_none(), "{name}");
        assert_eq!(&frozen[name], default, "{name}");
    }
    assert_eq!(policy.images_from, [] as [&str; 0]);
    assert_eq!(
        policy.stop,
        Some(super::Stop::Now),
        "bad tasks of a queue worker go on receiving"
    );
    assert_eq!(policy.alarms().collect::<Vec<_>>(), ["orders-dlq-depth"]);
}

#[test]
fn without_steps_there_is_one_that_changes_no_share_and_bakes_nothing() {
    let policy = Policy::read(&example().to_string()).unwrap();
    let step = Step {
        share_permille: None,
        bake_minutes: 0,
    };
    assert_eq!(policy.steps().as_ref(), [step]);
    assert_eq!(policy.bake_minutes_total(), 0);
}

#[test]
fn steps_are_taken_as_written() {
    let steps = json!([{"share_permille": 1, "bake_minutes": 20_160}, {"share_permille": 1000, "bake_minutes": 5}]);
    let policy = Policy::read(&with("/steps", steps)).unwrap();
    let found: Vec<(Option<u32>, u32)> = policy
        .steps()
        .iter()
        .map(|step| (step.share_permille, step.bake_minutes))
        .collect();
    assert_eq!(found, [(Some(1), 20_160), (Some(1000), 5)]);
    assert_eq!(policy.bake_minutes_total(), 20_165);
}

#[test]
fn every_field_that_may_be_written_is_frozen_and_read_back() {
    let text = include_str!("../../../../policy/examples/strict.json");
    let policy = Policy::read(text).unwrap();
    let frozen = serde_json::to_value(&policy).unwrap();
    let mut written: Value = serde_json::from_str(text).unwrap();
    let shown = written.clone();
    let members = written.as_object_mut().unwrap();
    members.remove("$schema");
    // What says the same as nothing is not kept.
    assert_eq!(members.remove("dry_run"), Some(json!(false)));
    assert_eq!(frozen, written);
    assert_eq!(serde_json::from_value::<Policy>(frozen).unwrap(), policy);
    let schema: Value = serde_json::from_str(&super::schema()).unwrap();
    // Equal steps stand in the place of written ones, a push in that of a pipeline, and only a swap leaves a side over.
    for name in schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| !["$schema", "linear", "starts_on_push", "retire"].contains(&name.as_str()))
    {
        assert!(
            shown.get(name).is_some(),
            "strict.json shows every field, but not {name}"
        );
    }
}

/// What the first version wrote into its ledger.
const FROZEN_BEFORE: &str = r#"{"name":"orders","two_services":{"cluster":"prod","stable":"orders","canary":"orders-canary"},
    "traffic":{"kind":"consumer_share","tasks_max":40},
    "checks":[{"kind":"alarm","name":"orders-dlq-depth","when_stale":"arm_on_recovery","insufficient_data":"ok"}],
    "pipeline":{"name":"orders"},"deadline_minutes":45}"#;

#[test]
fn a_policy_frozen_before_these_fields_existed_means_what_was_done_then() {
    let policy: Policy = serde_json::from_str(FROZEN_BEFORE).unwrap();
    let added = json!({
        "approval": "pipeline", "promotion": "pipeline", "watch_minutes": 0,
        "on_new_release": "hold", "rollback": "allowed",
    });
    let mut expected: Value = serde_json::from_str(FROZEN_BEFORE).unwrap();
    expected
        .as_object_mut()
        .unwrap()
        .extend(added.as_object().unwrap().clone());
    assert_eq!(serde_json::to_value(&policy).unwrap(), expected);
    assert_eq!((policy.steps().len(), policy.bake_minutes_total()), (1, 0));
}

#[test]
fn a_frozen_policy_of_the_next_version_is_read_as_far_as_it_is_known() {
    let mut next: Value = serde_json::from_str(FROZEN_BEFORE).unwrap();
    next["mirror"] = json!("at_once");
    assert!(serde_json::from_value::<Policy>(next.clone()).is_ok());
    next["approval"] = json!("council");
    let error = serde_json::from_value::<Policy>(next).unwrap_err().to_string();
    assert!(
        error.contains("unknown variant `council`"),
        "what cannot be carried out is not guessed: {error}"
    );
}

#[test]
fn each_mistake_names_its_field_and_the_way_out() {
    let services = "an object with the fields cluster, stable, canary";
    let name = "1 to 32 of a-z 0-9 -, beginning with a letter";
    let repository =
        "a repository as in 123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders, without tag and digest";
    let cases = [
        (
            "/checks/0/name",
            json!("  \u{a0}\u{3000} "),
            "checks[0].name: must be an alarm's name, not its ARN, of 1 to 255 characters, not all of them spaces, not \"  \u{a0}\u{3000} \"".into(),
        ),
        (
            "/stop",
            json!("now"),
            "stop: must be an object whose field kind is \"now\" or \"drain\", not \"now\"".into(),
        ),
        (
            "/stop",
            json!({"kind": "drain", "seconds": 1_800}),
            "stop.seconds: is 1800, and the rollback is to be done within 1800; drain for less, or raise \
             deadline_minutes"
                .into(),
        ),
        (
            "/stop",
            json!({"kind": "now", "seconds": 60}),
            "stop.seconds: is not a known field; known here: kind".into(),
        ),
        ("/name", json!(null), format!("name: is missing; it must be {name}")),
        ("/name", json!("Orders"), format!("name: must be {name}, not \"Orders\"")),
        ("/name", json!(""), format!("name: must be {name}, not \"\"")),
        ("/two_services", json!(null), format!("two_services: is missing; it must be {services}")),
        ("/two_services", json!(7), format!("two_services: must be {services}, not 7")),
        (
            "/two_services/canary",
            json!("orders"),
            "two_services.canary: is the stable service itself; name the small service that gets a revision first".into(),
        ),
        (
            "/two_services/cluster",
            json!("arn:aws:ecs:x"),
            "two_services.cluster: must be a name, not an ARN: 1 to 255 of A-Z a-z 0-9 - _, not \"arn:aws:ecs:x\"".into(),
        ),
        ("/traffic", json!("sqs"), "traffic: must be an object whose field kind is \"consumer_share\" or \"alb\", not \"sqs\"".into()),
        ("/traffic/kind", json!("istio"), "traffic.kind: must be \"consumer_share\" or \"alb\", not \"istio\"".into()),
        ("/traffic/kind", json!(null), "traffic.kind: is missing; it must be \"consumer_share\" or \"alb\"".into()),
        (
            "/traffic/tasks_max",
            json!("40"),
            "traffic.tasks_max: must be a whole number of tasks from 2 to 5000, not \"40\"".into(),
        ),
        (
            "/traffic/tasks_max",
            json!(null),
            "traffic.tasks_max: is missing; it must be a whole number of tasks from 2 to 5000".into(),
        ),
        (
            "/traffic/share",
            json!(1),
            "traffic.share: is not a known field; known here: kind, tasks_max".into(),
        ),
        ("/steps", json!([]), "steps: must be a list of 1 to 20 steps, not []".into()),
        (
            "/steps",
            json!([{"share_permille": 0, "bake_minutes": 1}]),
            "steps[0].share_permille: must be a whole number of thousandths from 1 to 1000, not 0".into(),
        ),
        (
            "/steps",
            json!([{"share_permille": 9, "bake_minutes": 20_161}]),
            "steps[0].bake_minutes: must be a whole number of minutes from 0 to 20160, not 20161".into(),
        ),
        (
            "/steps",
            json!([{"share_permille": 100, "bake_minutes": 1}, {"share_permille": 100, "bake_minutes": 1}]),
            "steps[1].share_permille: is 100 after 100; each step's share must be larger than the one before".into(),
        ),
        (
            "/checks",
            json!([]),
            "checks: must be a list of 1 to 90 checks, or nothing would ever roll a release back, not []".into(),
        ),
        ("/checks/0/kind", json!("vibes"), "checks[0].kind: must be \"alarm\" or \"compare\" or \"dlq_growth\" or \"metric\" or \"expression\" or \"health\", not \"vibes\"".into()),
        (
            "/checks/0/when_stale",
            json!(null),
            "checks[0].when_stale: is missing; it must be \"block\" or \"arm_on_recovery\" or \"ignore\"".into(),
        ),
        (
            "/checks/0/insufficient_data",
            json!("pass"),
            "checks[0].insufficient_data: must be \"ok\" or \"undecided\", not \"pass\"".into(),
        ),
        (
            "/checks/0/name",
            json!("arn:aws:cloudwatch:x"),
            "checks[0].name: must be an alarm's name, not its ARN, of 1 to 255 characters, not all of them spaces, not \"arn:aws:cloudwatch:x\"".into(),
        ),
        (
            "/pipeline/name",
            json!("a/b"),
            "pipeline.name: must be a pipeline's name: 1 to 100 of A-Z a-z 0-9 . @ - _, not \"a/b\"".into(),
        ),
        ("/approval", json!(null), "approval: is missing; it must be \"pipeline\" or \"automatic\" or \"human\"".into()),
        ("/approval", json!("robot"), "approval: must be \"pipeline\" or \"automatic\" or \"human\", not \"robot\"".into()),
        ("/promotion", json!(["swap"]), "promotion: must be \"pipeline\" or \"roll_stable\" or \"swap\", not [\"swap\"]".into()),
        (
            "/watch_minutes",
            json!(10_081),
            "watch_minutes: must be a whole number of minutes from 0 to 10080, not 10081".into(),
        ),
        (
            "/on_new_release",
            json!(null),
            "on_new_release: is missing; it must be \"hold\" or \"continue\"".into(),
        ),
        (
            "/when_undecided",
            json!({"extend_minutes_max": 60, "then": "pray"}),
            "when_undecided.then: must be \"hold\" or \"roll_back\" or \"go_on\", not \"pray\"".into(),
        ),
        (
            "/when_undecided",
            json!({"then": "hold"}),
            "when_undecided.extend_minutes_max: is missing; it must be a whole number of minutes from 0 to 1440".into(),
        ),
        (
            "/images_from",
            json!(["orders:latest"]),
            format!("images_from[0]: must be {repository}, not \"orders:latest\""),
        ),
        (
            "/deadline_minutes",
            json!(30.5),
            "deadline_minutes: must be a whole number of minutes from 5 to 1440, not 30.5".into(),
        ),
    ];
    for (pointer, value, expected) in cases {
        assert_eq!(
            mistakes(&with(pointer, value.clone())),
            [expected],
            "{pointer} = {value}"
        );
    }
}

#[test]
fn what_is_missing_is_never_filled_in_where_a_release_moves() {
    let names = [
        "name",
        "two_services",
        "traffic",
        "checks",
        "approval",
        "promotion",
        "watch_minutes",
        "on_new_release",
        "rollback",
    ];
    for name in names {
        let found = mistakes(&with(&format!("/{name}"), Value::Null));
        assert!(
            found.len() == 1 && found[0].starts_with(&format!("{name}: is missing; it must be ")),
            "{found:?}"
        );
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let document = json!({
        "name": "", "two_services": {"cluster": "c", "stable": "s t", "canary": "s t"}, "traffic": {"kind": "x"},
        "steps": [{"share_permille": 7}, {"bake_minutes": 1, "share_permille": 7}, 7],
        "checks": [{}, {"kind": "alarm", "name": "a"}, {"kind": "alarm", "name": "a"}],
        "approval": "robot", "images_from": ["x", "x"], "x": 1,
    });
    let fields: Vec<String> = Policy::read(&document.to_string())
        .unwrap_err()
        .into_iter()
        .map(|m| m.field)
        .collect();
    let expected = [
        "x",
        "name",
        "two_services.stable",
        "two_services.canary",
        "traffic.kind",
        "steps[0].bake_minutes",
        "steps[2]",
        "checks[0].kind",
        "checks[1].when_stale",
        "checks[1].insufficient_data",
        "checks[2].when_stale",
        "checks[2].insufficient_data",
        "approval",
        "promotion",
        "watch_minutes",
        "on_new_release",
        "rollback",
        "images_from[0]",
        "images_from[1]",
        "two_services.canary",
        "steps[1].share_permille",
        "checks[2].name",
        "images_from[1]",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn alarms_and_repositories_are_named_once() {
    let check = example()["checks"][0].clone();
    let text = "checks[1].name: names orders-dlq-depth a second time; one check each";
    assert_eq!(mistakes(&with("/checks", json!([check, check]))), [text]);
    let repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders";
    let text = format!("images_from[1]: names {repository} a second time; once is enough");
    assert_eq!(mistakes(&with("/images_from", json!([repository, repository]))), [text]);
}

#[test]
fn shares_grow_from_step_to_step() {
    let cases: [(&[u32], &[usize]); 6] = [
        (&[1], &[]),
        (&[1, 2, 1000], &[]),
        (&[500, 500], &[1]),
        (&[500, 100], &[1]),
        (&[500, 100, 200], &[1, 2]),
        (&[500, 100, 501], &[1]),
    ];
    for (shares, wrong) in cases {
        let steps: Vec<Value> = shares
            .iter()
            .map(|share| json!({"share_permille": share, "bake_minutes": 1}))
            .collect();
        let found = Policy::read(&with("/steps", json!(steps))).err().unwrap_or_default();
        let fields: Vec<String> = found.into_iter().map(|mistake| mistake.field).collect();
        let expected: Vec<String> = wrong
            .iter()
            .map(|index| format!("steps[{index}].share_permille"))
            .collect();
        assert_eq!(fields, expected, "{shares:?}");
    }
}

#[test]
fn a_field_written_twice_is_a_mistake_and_not_the_last_one_taken() {
    let text = example().to_string();
    let twice = text.replacen("\"rollback\":", "\"rollback\":\"allowed\",\"rollback\":", 1);
    assert_eq!(mistakes(&twice), ["rollback: is written a second time; keep one"]);
    let twice = text.replacen("\"when_stale\":", "\"when_stale\":\"ignore\",\"when_stale\":", 1);
    assert_eq!(
        mistakes(&twice),
        ["checks[0].when_stale: is written a second time; keep one"]
    );
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
    let text = example()
        .to_string()
        .replace("\"watch_minutes\":30", "\"watch_minutes\":3.0e1");
    assert_eq!(Policy::read(&text).unwrap().watch_minutes, 30);
}

#[test]
fn what_does_not_fit_into_a_parameter_is_refused_with_the_way_out() {
    let of_length = |characters: usize| {
        let text = with("/checks/0/name", json!("ä"));
        let padding = characters - text.chars().count();
        text + &" ".repeat(padding)
    };
    let standard = "has 4097 characters, an SSM Standard parameter holds 4096; shorten it, or store it with Tier: \
                    Advanced (8192 characters) and accept its price";
    let advanced = "has 8193 characters, an SSM Advanced parameter holds 8192; shorten it";
    let cases = [
        (Tier::Standard, 4_096, None),
        (Tier::Standard, 4_097, Some(standard)),
        (Tier::Advanced, 4_097, None),
        (Tier::Advanced, 8_192, None),
        (Tier::Advanced, 8_193, Some(advanced)),
    ];
    for (tier, characters, expected) in cases {
        let found = Policy::read_for(tier, &of_length(characters)).err().unwrap_or_default();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, Vec::from_iter(expected), "{tier:?}, {characters}");
    }
    assert_eq!(mistakes(&of_length(4_097)), [standard]);
}

#[test]
fn what_is_not_json_is_one_mistake() {
    let expected = "is not JSON (expected value at line 1 column 10); check the comma or brace before that place";
    assert_eq!(mistakes("{\"name\": }"), [expected]);
    assert!(mistakes(&format!("{} x", example()))[0].starts_with("is not JSON (trailing characters"));
}

#[test]
fn a_document_that_is_no_object_is_told_so() {
    for text in ["[]", "7", "null", "\"orders\""] {
        let found = mistakes(text);
        assert_eq!(found.len(), 1, "{text}");
        assert!(
            found[0].starts_with("must be an object with the fields name, two_services, "),
            "{found:?}"
        );
    }
}

#[test]
fn what_a_mistake_repeats_of_a_document_is_bounded_and_holds_no_control_characters() {
    let found = mistakes(&with("/name", json!(format!("\u{1b}[31m{}", "x".repeat(3_000)))));
    assert!(found[0].len() < 200 && !found[0].contains('\u{1b}'), "{found:?}");
    let long = with(&format!("/a\u{7}{}", "b".repeat(3_000)), json!(1));
    assert!(mistakes(&long)[0].starts_with(&format!("a{}…: is not a known field", "b".repeat(58))));
}

#[test]
fn every_example_is_a_policy() {
    let examples = [
        ("orders", include_str!("../../../../policy/examples/queue-worker.json")),
        ("orders", include_str!("../../../../policy/examples/compared.json")),
        ("mails", include_str!("../../../../policy/examples/minimal.json")),
        ("payments", include_str!("../../../../policy/examples/strict.json")),
        ("invoices", include_str!("../../../../policy/examples/asked.json")),
        ("shop", include_str!("../../../../policy/examples/balanced.json")),
        ("shop", include_str!("../../../../policy/examples/pushed.json")),
        ("web", include_str!("../../../../policy/examples/swapped.json")),
    ];
    for (name, text) in examples {
        assert_eq!(Policy::read(text).map(|policy| policy.name), Ok(name.to_owned()));
    }
}

#[test]
fn the_minimal_example_has_nothing_to_spare() {
    let minimal: Value = serde_json::from_str(include_str!("../../../../policy/examples/minimal.json")).unwrap();
    for name in minimal.as_object().unwrap().keys() {
        let mut less = minimal.clone();
        less.as_object_mut().unwrap().remove(name);
        assert!(Policy::read(&less.to_string()).is_err(), "{name}");
    }
}
