use super::{CHARACTERS_MAX, Policy};
use serde_json::{Value, json};

fn example() -> Value {
    json!({
        "name": "orders",
        "two_services": {"cluster": "prod", "stable": "orders", "canary": "orders-canary"},
        "traffic": {"kind": "consumer_share", "tasks_max": 40},
        "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}],
        "pipeline": {"name": "orders"}
    })
}

/// The example with one value replaced (or removed, by null), and its mistakes.
fn with(pointer: &str, value: Value) -> Vec<String> {
    let mut document = example();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => drop(members.remove(last)),
        (Value::Object(members), value) => drop(members.insert(last.to_owned(), value)),
        (Value::Array(items), value) => items[last.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    Policy::read(&document.to_string()).map_or_else(|all| all.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

#[test]
fn the_example_is_read() {
    let policy = Policy::read(&example().to_string()).unwrap();
    assert_eq!(policy.deadline_minutes, 30);
    assert_eq!(policy.alarms().collect::<Vec<_>>(), ["orders-dlq-depth"]);
}

#[test]
fn each_mistake_names_its_field_and_the_way_out() {
    let cases = [
        ("/name", json!(null), "name: is missing"),
        (
            "/name",
            json!("Orders"),
            "name: must be 1 to 32 of a-z 0-9 -, beginning with a letter",
        ),
        (
            "/name",
            json!("9orders"),
            "name: must be 1 to 32 of a-z 0-9 -, beginning with a letter",
        ),
        ("/name", json!(""), "name: must be a text that is not empty"),
        (
            "/two_services",
            json!(null),
            "two_services: is missing; it has the fields cluster, stable, canary",
        ),
        (
            "/two_services",
            json!(7),
            "two_services: must be an object; it has the fields cluster, stable, canary",
        ),
        (
            "/two_services/canary",
            json!("orders"),
            "two_services.canary: is the stable service itself; name the small service that gets a revision first",
        ),
        (
            "/two_services/cluster",
            json!("arn:aws:ecs:x"),
            "two_services.cluster: must be a name, not an ARN: 1 to 255 of A-Z a-z 0-9 - _",
        ),
        (
            "/traffic/kind",
            json!("istio"),
            "traffic.kind: must be one of: consumer_share",
        ),
        (
            "/traffic/tasks_max",
            json!(1),
            "traffic.tasks_max: must be a whole number of tasks from 2 to 5000, not 1",
        ),
        (
            "/traffic/tasks_max",
            json!("40"),
            "traffic.tasks_max: must be a whole number of tasks from 2 to 5000, not \"40\"",
        ),
        (
            "/traffic/tasks_max",
            json!(null),
            "traffic.tasks_max: must be a whole number of tasks from 2 to 5000, not nothing",
        ),
        (
            "/checks",
            json!([]),
            "checks: must be a list of at least one check, or nothing would ever roll a release back",
        ),
        (
            "/checks/0/kind",
            json!("vibes"),
            "checks[0].kind: must be one of: alarm",
        ),
        (
            "/checks/0/when_stale",
            json!(null),
            "checks[0].when_stale: must be one of: block, arm_on_recovery, ignore; there is no default",
        ),
        (
            "/checks/0/insufficient_data",
            json!("pass"),
            "checks[0].insufficient_data: must be one of: ok, undecided; there is no default",
        ),
        (
            "/checks/0/name",
            json!("arn:aws:cloudwatch:x"),
            "checks[0].name: must be an alarm's name, not its ARN, of at most 255 characters",
        ),
        (
            "/pipeline/name",
            json!("a/b"),
            "pipeline.name: must be a pipeline's name: 1 to 100 of A-Z a-z 0-9 . @ - _",
        ),
        (
            "/deadline_minutes",
            json!(2),
            "deadline_minutes: must be a whole number of minutes from 5 to 1440, not 2",
        ),
        (
            "/deadline_minutes",
            json!(30.5),
            "deadline_minutes: must be a whole number of minutes from 5 to 1440, not 30.5",
        ),
        (
            "/deadline",
            json!(9),
            "deadline: is not a known field; known here: name, two_services, traffic, checks, pipeline, deadline_minutes",
        ),
    ];
    for (pointer, value, expected) in cases {
        assert_eq!(with(pointer, value.clone()), [expected], "{pointer} = {value}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let document = json!({"name": "", "two_services": {"cluster": "c"}, "traffic": {"kind": "x"}, "checks": [{}, {"kind": "alarm"}], "x": 1});
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
        "checks[0].kind",
        "checks[1].name",
        "checks[1].when_stale",
        "checks[1].insufficient_data",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn an_alarm_is_named_once() {
    let check = example()["checks"][0].clone();
    let text = "checks[1].name: names the alarm orders-dlq-depth a second time; one check each";
    assert_eq!(with("/checks", json!([check, check])), [text]);
}

#[test]
fn what_does_not_fit_into_a_parameter_is_refused_with_the_way_out() {
    let mut text = example().to_string();
    text.push_str(&" ".repeat(CHARACTERS_MAX));
    let mistakes = Policy::read(&text).unwrap_err();
    assert!(mistakes[0].to_string().contains("Tier: Advanced"), "{mistakes:?}");
}

#[test]
fn what_is_not_json_is_one_mistake() {
    let mistakes = Policy::read("{\"name\": }").unwrap_err();
    assert_eq!(mistakes.len(), 1);
    assert!(
        mistakes[0]
            .to_string()
            .starts_with("is not JSON (expected value at line 1 column 10)"),
        "{mistakes:?}"
    );
}
