//! Each law can fail: deliberately wrong rules, and exactly the law that catches them.

use aws::Decide;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use decide::{
    Action, Decision, ExecutionStatus, Outcome, Over, Part, Phase, Policy, Release, Role, Seen, SeenExecution,
};
use serde_json::Value;
use simulator::executor::Running;
use simulator::{Delivery, Functions, Invocation};
use std::rc::Rc;
use std::sync::Arc;
use stories::handlers::{Handlers, configuration};
use stories::template::deploy::{Environment, environment};
use stories::told::Told;

/// Plays a story without waiting for its release to close, which a saboteur may prevent.
fn play(story: &str, decide: Decide) -> Vec<u32> {
    play_for("100m", story, decide)
}

/// The same for a certain time: what stays bad for long enough breaks law 1 too.
fn play_for(time: &str, story: &str, decide: Decide) -> Vec<u32> {
    played(time, story, Told::new(1, decide), |_, _| ())
}

/// `staged` is called with every stage that the story sets up, and with what its functions are told there.
fn played(time: &str, story: &str, mut told: Told, staged: impl Fn(&Told, Option<Environment>)) -> Vec<u32> {
    staged(&told, None);
    let path = format!("{}/told/{story}.story", env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    for line in script.lines() {
        let line = if line.starts_with("until closed") {
            format!("run {time}")
        } else {
            line.to_owned()
        };
        told.line(&line)
            .unwrap_or_else(|error| panic!("{story}: {line}: {error}\n{}", told.text));
        if line == "serin deployed" {
            staged(&told, Some(environment()));
        }
    }
    told.finish().iter().map(|verdict| verdict.law).collect()
}

fn wrong(wrapper: impl Fn(&Policy, &Release, &Seen, decide::At) -> Decision + Send + Sync + 'static) -> Decide {
    Arc::new(wrapper)
}

fn rolling_back(decision: &Decision) -> bool {
    decision.next.phase.rolling_back().is_some()
}

#[test]
fn law_1_catches_who_leaves_the_execution_alone() {
    let over = SeenExecution {
        status: ExecutionStatus::Over(Over::Failed),
        approval: None,
        deployed: None,
        promoting: false,
        abandoned: false,
        abandoned_before: false,
        held: None,
        only_status: false,
    };
    let decide = wrong(move |policy, release, seen, at| {
        let believed = Seen {
            pipeline: Part::Known(over.clone()),
            ..seen.clone()
        };
        let under_way = release.phase.rolling_back().is_some() && !seen.is_nothing();
        let mut decision = decide::decide(policy, release, if under_way { &believed } else { seen }, at);
        for lane in &mut decision.lanes {
            lane.retain(|action| !matches!(action, Action::Reject { .. } | Action::Stop { .. }));
        }
        decision
    });
    assert_eq!(play("alarm-at-the-approval", decide), [1]);
}

#[test]
fn law_1_catches_who_never_arms() {
    // Whatever the canary is given, the release believes it is its baseline.
    let decide = wrong(|policy, release, seen, at| {
        let mut believed = seen.clone();
        if let Part::Known(canary) = &mut believed.canary {
            canary
                .primary
                .task_definition
                .clone_from(&release.canary.baseline.task_definition);
        }
        decide::decide(policy, release, &believed, at)
    });
    // It believes the canary put back, too, and closes over what still runs there.
    assert_eq!(play("alarm-at-the-approval", decide), [1, 13]);
}

#[test]
fn law_1_catches_who_never_learns_images() {
    let decide = wrong(|policy, release, seen, at| {
        let mut believed = seen.clone();
        for service in [&mut believed.canary, &mut believed.stable] {
            if let Part::Known(service) = service {
                service.primary.images = Part::Unknown("nobody looked".to_owned());
                service.primary.image_names = Part::Unknown("nobody looked".to_owned());
            }
        }
        decide::decide(policy, release, &believed, at)
    });
    assert_eq!(play("alarm-while-stable-is-deployed", decide), [1]);
}

#[test]
fn law_3_catches_who_restores_what_stable_runs_now() {
    let decide = wrong(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let stable = decision.next.stable.baseline.task_definition.clone();
        for action in decision.lanes.iter_mut().flatten() {
            if let Action::Restore { task_definition, .. } = action {
                task_definition.clone_from(&stable);
            }
        }
        decision
    });
    assert_eq!(play("alarm-at-the-approval", decide), [3]);
}

#[test]
fn law_3_catches_who_has_ecs_turn_back_to_the_bad_revision() {
    let decide = wrong(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        // Whatever is in flight is turned back, also where it did not start from the baseline.
        let in_flight = seen.canary.known().and_then(|canary| canary.in_flight.as_ref());
        if let Some(deployment) = in_flight.filter(|deployment| deployment.stoppable)
            && let Some(baseline) = &release.canary.baseline.service_revision
            && !deployment.sources.contains(baseline)
        {
            decision.lanes.push(vec![Action::RollBackDeployment {
                role: Role::Canary,
                service_deployment: deployment.arn.clone(),
            }]);
        }
        decision
    });
    assert_eq!(play("somebody-deploys-to-the-canary", decide), [3]);
}

#[test]
fn law_7_catches_who_restores_a_service_of_a_similar_name() {
    let decide = wrong(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if release.canary.name == "orders-eu-canary" && !decision.lanes.is_empty() {
            decision.lanes.push(vec![Action::Restore {
                role: Role::Canary,
                cluster: release.cluster.clone(),
                service: "orders-canary".to_owned(),
                task_definition: release
                    .canary
                    .baseline
                    .task_definition
                    .replace("orders-eu-canary", "orders-canary"),
            }]);
        }
        decision
    });
    assert_eq!(play("services-with-similar-names", decide), [7]);
}

#[test]
fn law_8_catches_who_closes_before_late_writes_have_landed() {
    let decide = wrong(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if decision.because.contains("closing at")
            && let Some(cause) = decision.next.phase.rolling_back().cloned()
        {
            decision.next.phase = Phase::Closed {
                outcome: Outcome::RolledBack { cause },
            };
            decision.look_again_seconds = None;
        }
        decision
    });
    assert_eq!(play_for("20m", "an-abandoned-deploy-action-writes-late", decide), [8]);
}

#[test]
fn law_11_catches_who_gives_no_reason() {
    let decide = wrong(|policy, release, seen, at| Decision {
        because: "because".to_owned(),
        ..decide::decide(policy, release, seen, at)
    });
    assert_eq!(play("alarm-at-the-approval", decide), [11]);
}

/// Our functions behind a connector that swallows what some of them note in the journal, and says it was written.
struct Forgetful(Handlers, fn(&str) -> bool);

impl Functions for Forgetful {
    fn invoke(&self, mut invocation: Invocation) -> Running {
        if self.1(&invocation.function) {
            invocation.http = SharedHttpClient::new(Swallowing(invocation.http));
        }
        self.0.invoke(invocation)
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        self.0.route(delivery)
    }
}

#[derive(Debug)]
struct Swallowing(SharedHttpClient);

impl HttpClient for Swallowing {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Swallows(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct Swallows(SharedHttpConnector);

impl HttpConnector for Swallows {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        let transaction = request
            .headers()
            .get("x-amz-target")
            .is_some_and(|target| target.ends_with("TransactWriteItems"));
        // Notes of looks and of acts; a decision's own entry belongs to its commit.
        if transaction && (body.contains("#wait#") || body.contains("#did#")) {
            let ok = StatusCode::try_from(200).expect("it is one");
            return HttpConnectorFuture::ready(Ok(HttpResponse::new(ok, SdkBody::from("{}"))));
        }
        self.0.call(request)
    }
}

/// The laws that are broken in a story where some functions forget what they decided.
fn forgotten_by(story: &str, forgets: fn(&str) -> bool) -> Vec<u32> {
    let decide: Decide = Arc::new(decide::decide);
    let told = Told::new(1, Arc::clone(&decide));
    played("100m", story, told, |told, environment| {
        let handlers = Handlers {
            measured: Default::default(),
            decide: Arc::clone(&decide),
            diary: Rc::clone(&told.stage.diary),
            events: Rc::clone(&told.stage.events),
            time: configuration(&told.stage.sim.invocation("story")),
            environment,
        };
        told.stage.sim.set_functions(Rc::new(Forgetful(handlers, forgets)));
    })
}

#[test]
fn law_11_catches_who_journals_nothing() {
    assert_eq!(forgotten_by("alarm-at-the-approval", |_| true), [11]);
}

#[test]
fn law_11_catches_a_watcher_that_journals_nothing() {
    let story = "the-policy-names-another-pipeline-while-serins-action-waits";
    assert_eq!(forgotten_by(story, |function| function == "watch"), [11]);
}

#[test]
fn law_12_catches_who_disturbs_ecs_on_its_way() {
    let decide = wrong(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if rolling_back(&decision) && decision.lanes.is_empty() && !seen.is_nothing() {
            decision.lanes.push(vec![Action::Restore {
                role: Role::Canary,
                cluster: release.cluster.clone(),
                service: release.canary.name.clone(),
                task_definition: release.canary.restore.clone(),
            }]);
        }
        decision
    });
    assert_eq!(play("the-circuit-breaker-was-first", decide), [12]);
}

#[test]
fn law_12_catches_who_does_not_try_again() {
    let decide = wrong(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if decision.next.canary.attempts.count > 1 {
            decision.lanes.clear();
        }
        decision
    });
    assert_eq!(play_for("20m", "ecs-undoes-our-restore", decide), [12]);
}

/// Nothing is heard of what a person gives the canary outside every pipeline, and nobody sweeps.
#[test]
fn law_14_catches_who_is_deaf_to_what_is_given_by_hand() {
    let mut told = Told::new(1, Arc::new(decide::decide));
    let tell = |told: &mut Told, line: &str| told.line(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    for line in ["serin deployed", "policy orders", "push orders v2"] {
        tell(&mut told, line);
    }
    for rule in ["WatchHappening", "AdvanceSweep"] {
        simulator::eventbridge::stage::remove(&mut told.stage.sim.world(), rule);
    }
    for line in ["bob gives v2 to orders-canary by hand", "run 100m"] {
        tell(&mut told, line);
    }
    let broken: Vec<u32> = told.finish().iter().map(|verdict| verdict.law).collect();
    assert_eq!(broken, [14]);
}

#[test]
fn law_16_catches_who_waits_until_everything_is_known() {
    let decide = wrong(|policy, release, seen, at| {
        let decision = decide::decide(policy, release, seen, at);
        let blind = !seen.is_nothing()
            && [seen.canary.unknown(), seen.stable.unknown(), seen.pipeline.unknown()]
                .iter()
                .any(Option::is_some);
        if blind {
            return Decision {
                successor: None,
                next: release.clone(),
                because: "waiting until everything is known".to_owned(),
                lanes: Vec::new(),
                notices: Vec::new(),
                look_again_seconds: Some(30),
            };
        }
        decision
    });
    assert_eq!(play("codepipeline-is-down", decide), [16]);
}

#[test]
fn law_16_catches_who_forgets_stable_while_the_pipeline_is_unknown() {
    let decide = wrong(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if seen.pipeline.known().is_none() {
            let of_stable = |action: &Action| match action {
                Action::Restore { role, .. } | Action::RollBackDeployment { role, .. } => *role == Role::Stable,
                _ => false,
            };
            decision
                .lanes
                .iter_mut()
                .for_each(|lane| lane.retain(|action| !of_stable(action)));
        }
        decision
    });
    assert_eq!(play("codepipeline-is-down-while-stable-is-deployed", decide), [16]);
}

#[test]
fn the_right_rules_break_none_of_these_laws() {
    let stories = [
        "alarm-at-the-approval",
        "services-with-similar-names",
        "an-abandoned-deploy-action-writes-late",
        "the-circuit-breaker-was-first",
        "codepipeline-is-down",
        "codepipeline-is-down-while-stable-is-deployed",
        "alarm-while-stable-is-deployed",
        "ecs-undoes-our-restore",
    ];
    for story in stories {
        assert_eq!(play(story, Arc::new(decide::decide)), [] as [u32; 0], "{story}");
    }
}
