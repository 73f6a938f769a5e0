//! The templates that people copy: what they deploy is what Serin expects to find.

use serde_json::{Value, json};
use stories::template::{Resolve, Template};

const QUEUE_WORKER: &str = include_str!("../../examples/queue-worker/template.yaml");

fn template() -> Template {
    Template::read(QUEUE_WORKER).unwrap_or_else(|wrong| panic!("examples/queue-worker/template.yaml: {wrong}"))
}

/// As it is deployed once there is an image, with or without our actions.
fn deployed<'a>(template: &'a Template, ours: bool) -> Resolve<'a> {
    let arn = |what: &str| format!("arn:aws:{what}");
    Resolve::new(template)
        .given(
            "Image",
            json!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders:v1"),
        )
        .given("OpenFunctionName", json!(if ours { "serin-open" } else { "" }))
        .given("ApproveFunctionName", json!(if ours { "serin-approve" } else { "" }))
        .given("PromoteFunctionName", json!(if ours { "serin-promote" } else { "" }))
        .named(
            "Cluster",
            "orders",
            &arn("ecs:eu-central-1:111122223333:cluster/orders"),
        )
        .named("DeadLettersAlarm", "orders-dlq-depth", &arn("cloudwatch:alarm"))
        .named(
            "DeadLetters",
            "https://sqs/orders-dlq",
            &arn("sqs:eu-central-1:111122223333:orders-dlq"),
        )
        .attribute("DeadLetters", "QueueName", "orders-dlq")
        .attribute("Stable", "Name", "the stable one")
        .named("Artifacts", "artifacts", &arn("s3:::artifacts"))
        .named("Build", "orders", &arn("codebuild:project"))
}

fn of(template: &Template, resolve: &Resolve<'_>, pointer: &str) -> Value {
    let node = template.document.pointer(&format!("/Resources/{pointer}"));
    let node = node.unwrap_or_else(|| panic!("no {pointer}"));
    resolve.value(node).unwrap_or_else(|wrong| panic!("{pointer}: {wrong}"))
}

/// The onebox has one of a hundred for ever, and nothing is shifted for a release.
#[test]
fn the_oneboxs_policy_asks_for_no_more_than_it_has_at_rest() {
    let text = include_str!("../../examples/onebox-fleet/policy.json");
    let policy = decide::Policy::read(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let rests = policy.alb().expect("a load balancer").resting_share_permille;
    let shares: Vec<Option<u32>> = policy.steps().iter().map(|step| step.share_permille).collect();
    assert_eq!((rests, shares), (Some(10), vec![Some(10)]));
}

#[test]
fn the_queue_workers_policy_names_what_its_template_makes() {
    for ours in [true, false] {
        the_policy_names_what_the_template_makes(ours);
    }
}

fn the_policy_names_what_the_template_makes(ours: bool) {
    let template = template();
    let resolve = deployed(&template, ours);
    let get = |pointer: &str| of(&template, &resolve, pointer);
    let text = get("Policy/Properties/Value");
    let text = text.as_str().expect("a text");
    let policy: Value = serde_json::from_str(text).expect("JSON");
    assert!(decide::Policy::read(text).is_ok(), "{text}");
    let name = policy["name"].as_str().expect("a name");
    let services = &policy["two_services"];
    let expected = [
        ("Policy/Properties/Name", json!(format!("/serin/policies/{name}"))),
        ("Cluster/Properties/ClusterName", services["cluster"].clone()),
        ("Stable/Properties/ServiceName", services["stable"].clone()),
        ("Canary/Properties/ServiceName", services["canary"].clone()),
        (
            "DeadLettersAlarm/Properties/AlarmName",
            policy["checks"][0]["name"].clone(),
        ),
        ("Pipeline/Properties/Name", policy["pipeline"]["name"].clone()),
    ];
    for (pointer, wanted) in expected {
        assert_eq!(get(pointer), wanted, "{pointer}");
    }
    let gates = if ours {
        ["automatic", "roll_stable"]
    } else {
        ["pipeline", "pipeline"]
    };
    assert_eq!([&policy["approval"], &policy["promotion"]], gates);
    let growth = &policy["checks"][2];
    assert_eq!(growth["queue"], get("DeadLetters/Properties/QueueName"));
    assert_eq!(growth["messages_max"], get("DeadLettersAlarm/Properties/Threshold"));
    for service in ["Stable", "Canary"] {
        // Serin's roles are bounded by the tag, on tasks as well, which have it of their service alone.
        let tags = get(&format!("{service}/Properties/Tags"));
        assert_eq!(tags, json!([{"Key": "serin:policy", "Value": name}]), "{service}");
        assert_eq!(get(&format!("{service}/Properties/PropagateTags")), "SERVICE");
    }
}

#[test]
fn the_queue_workers_pipeline_gives_the_canary_a_new_image_first() {
    let template = template();
    for (ours, first) in [(true, vec!["Open", "CanaryDeploy"]), (false, vec!["CanaryDeploy"])] {
        let resolve = deployed(&template, ours);
        let stages = template.document["Resources"]["Pipeline"]["Properties"]["Stages"].clone();
        let stages = stages.as_array().expect("stages");
        let names: Vec<&str> = stages.iter().filter_map(|stage| stage["Name"].as_str()).collect();
        assert_eq!(names, ["Source", "Build", "CanaryDeploy", "Approve", "Promote"]);
        let actions = |place: usize| {
            let raw = stages[place]["Actions"].as_array().expect("actions").clone();
            // The name of a service is known to AWS alone: it is looked at as it is written.
            let raw = raw.into_iter().map(|mut action| {
                let service = action.pointer_mut("/Configuration/ServiceName").map(Value::take);
                let service = service.unwrap_or_default();
                (action, service)
            });
            let resolved = raw.map(|(action, service)| (resolve.value(&action).expect("an action"), service));
            resolved.filter(|(action, _)| !action.is_null()).collect::<Vec<_>>()
        };
        let canary = actions(2);
        let found: Vec<&str> = canary
            .iter()
            .filter_map(|(action, _)| action["Name"].as_str())
            .collect();
        assert_eq!(found, first);
        let service = |(_, service): &(Value, Value)| service["Fn::GetAtt"][0].clone();
        assert_eq!(canary.last().map(service), Some(json!("Canary")));
        let (approve, promote) = (actions(3), actions(4));
        assert_eq!((approve.len(), promote.len()), (1, 1));
        let invoked = [&canary[0].0, &approve[0].0, &promote[0].0];
        if ours {
            for (action, function) in invoked
                .into_iter()
                .zip(["serin-open", "serin-approve", "serin-promote"])
            {
                let parameters = action["Configuration"]["UserParameters"].as_str().expect("parameters");
                let parameters: Value = serde_json::from_str(parameters).expect("JSON");
                let wanted = json!({"policy": "orders", "execution": "#{codepipeline.PipelineExecutionId}"});
                assert_eq!(parameters, wanted);
                assert_eq!(action["Configuration"]["FunctionName"], function);
            }
            assert!(canary[0].0["RunOrder"].as_i64() < canary[1].0["RunOrder"].as_i64());
        } else {
            assert_eq!(approve[0].0["ActionTypeId"]["Category"], "Approval");
            assert_eq!(promote[0].0["Configuration"]["ServiceName"], "the stable one");
        }
    }
}

/// The policy compares what the worker puts on record, under the names that it gives it.
#[test]
fn the_queue_workers_policy_compares_what_the_worker_counts() {
    let template = template();
    let text = of(&template, &deployed(&template, true), "Policy/Properties/Value");
    let policy: Value = serde_json::from_str(text.as_str().expect("a text")).expect("JSON");
    let metric = &policy["checks"][1]["metric"];
    let emf = include_str!("../../examples/queue-worker/worker/src/emf.rs");
    let settings = include_str!("../../examples/queue-worker/worker/src/settings.rs");
    let named = |member: &str| metric[member].as_str().expect("a name");
    for (constant, member) in [("TOTAL", "total"), ("FAILED", "failed"), ("DIMENSION", "dimension")] {
        let line = format!("const {constant}: &str = \"{}\";", named(member));
        assert!(emf.contains(&line), "{line}");
    }
    let namespace = format!("unwrap_or_else(|| \"{}\".to_owned())", named("namespace"));
    assert!(settings.contains(&namespace), "{namespace}");
}

/// What the worker is told by the template it understands, and both services alike.
#[test]
fn the_queue_workers_containers_are_told_what_they_read() {
    let template = template();
    let settings = include_str!("../../examples/queue-worker/worker/src/settings.rs");
    let resources = &template.document["Resources"];
    let of = |definition: &str| resources[definition]["Properties"]["ContainerDefinitions"].clone();
    assert_eq!(of("StableDefinition"), of("CanaryDefinition"));
    let container = &of("StableDefinition")[0];
    let told = container["Environment"].as_array().expect("variables").clone();
    for variable in told.iter().filter_map(|variable| variable["Name"].as_str()) {
        assert!(
            variable.starts_with("AWS_") || settings.contains(&format!("\"{variable}\"")),
            "{variable} is read by nobody"
        );
    }
    let stop = told.iter().find(|variable| variable["Name"] == "STOP_SECONDS");
    let stop = stop.and_then(|variable| variable["Value"].as_str()).map(str::to_owned);
    assert_eq!(
        stop,
        container["StopTimeout"].as_i64().map(|seconds| seconds.to_string())
    );
    // Both deploy actions look for this name in imagedefinitions.json.
    let built = resources["Build"]["Properties"]["Source"]["BuildSpec"]
        .as_str()
        .expect("a build");
    let name = container["Name"].as_str().expect("a name");
    assert!(built.contains(&format!("\"name\":\"{name}\"")), "{built}");
}
