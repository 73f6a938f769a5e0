//! Laws about whole lives can fail: deliberately wrong rules, functions and wires in an account where Serin is
//! deployed, and exactly the law that catches them.

mod by_hand;
mod checks;
mod dry_run;
mod ends;
mod first_day;
mod gates;
mod kept;
mod orders;
mod shares;
mod swaps;
mod weights;

use aws::Decide;
use aws::job::JobAnswer;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use decide::{Action, Cause, Decision, Outcome, Phase, Policy, Release, Seen};
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::executor::Running;
use simulator::{Delivery, Functions, Invocation};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use stories::Stage;
use stories::handlers::{Handlers, configuration, serin};
use stories::law::{self, judged};
use stories::scene::{self, RowA};
use stories::template::deploy::environment;
use stories::whole::{self, Cut, deployed};

/// What happens in a life, to a release of v2 that has come to its approval.
type Script = fn(&mut Stage, &RowA);

fn is_approved(stage: &mut Stage, _: &RowA) {
    pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
    stage.run_for(3 * 3_600);
}

fn is_rejected(stage: &mut Stage, _: &RowA) {
    pipelines::reject(&mut stage.sim.world(), "orders", "anna", "not today").unwrap();
    stage.run_for(40 * 60);
}

fn is_bad(stage: &mut Stage, row: &RowA) {
    stage.dlq.insert(row.dlq.clone(), 25.0);
    stage.run_for(40 * 60);
}

fn waits(stage: &mut Stage, _: &RowA) {
    stage.run_for(100 * 60);
}

fn is_followed(stage: &mut Stage, row: &RowA) {
    release(stage, row, "v3");
    stage.run_for(40 * 60);
}

fn release(stage: &Stage, row: &RowA, version: &str) {
    let mut world = stage.sim.world();
    whole::push(&mut world, row, version);
    scene::release(&mut world, row, version);
}

fn right() -> Decide {
    Arc::new(decide::decide)
}

/// An account at rest, with one policy.
fn at_rest(cut: Cut, decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = stage.service("orders", cut);
    (stage, row)
}

/// Releases v2 and lets it come to its approval, and the rest happen; the laws that were broken.
fn lives(stage: &mut Stage, row: &RowA, script: Script) -> Vec<u32> {
    release(stage, row, "v2");
    stage.run_until(3_600, |stage| stage.awaits_approval(row));
    script(stage, row);
    law::broken(stage)
}

/// The same under other rules.
fn under(
    cut: Cut,
    script: Script,
    rules: impl Fn(&Policy, &Release, &Seen, decide::At) -> Decision + Send + Sync + 'static,
) -> Vec<u32> {
    let (mut stage, row) = at_rest(cut, Arc::new(rules));
    lives(&mut stage, &row, script)
}

/// The same with functions that somebody has got hold of.
fn with(cut: Cut, script: Script, sabotaged: impl FnOnce(Handlers) -> Rc<dyn Functions>) -> Vec<u32> {
    let (mut stage, row) = at_rest(cut, right());
    let handlers = Handlers {
        measured: Default::default(),
        decide: right(),
        diary: Rc::clone(&stage.diary),
        events: Rc::clone(&stage.events),
        time: configuration(&stage.sim.invocation("story")),
        environment: Some(environment()),
    };
    stage.sim.set_functions(sabotaged(handlers));
    lives(&mut stage, &row, script)
}

/// Takes acts out of a decision.
fn without(decision: &mut Decision, act: impl Fn(&Action) -> bool) {
    for lane in &mut decision.lanes {
        lane.retain(|action| !act(action));
    }
}

fn is_rolled_back(decision: &Decision) -> bool {
    let outcome = match &decision.next.phase {
        Phase::Closed { outcome } => outcome,
        _ => return false,
    };
    matches!(outcome, Outcome::RolledBack { .. })
}

#[test]
fn law_2_catches_who_calls_a_rollback_a_promotion() {
    let broken = under(Cut::WithOpen, is_bad, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if is_rolled_back(&decision) {
            decision.next.phase = Phase::Closed {
                outcome: Outcome::Promoted,
            };
        }
        decision
    });
    // Whoever lies about the end tells nobody of it either.
    assert_eq!(broken, [2, 17]);
}

/// Our functions on a wire on which something is changed or swallowed on its way to AWS.
struct Tampered(Handlers, Tamper);

/// What becomes of a request: it goes on, or is answered with an empty document.
type Tamper = fn(HttpRequest) -> Option<HttpRequest>;

impl Functions for Tampered {
    fn invoke(&self, mut invocation: Invocation) -> Running {
        invocation.http = SharedHttpClient::new(Wire(invocation.http, self.1));
        self.0.invoke(invocation)
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        self.0.route(delivery)
    }
}

#[derive(Debug)]
struct Wire(SharedHttpClient, Tamper);

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Tapped(self.0.http_connector(settings, components), self.1))
    }
}

#[derive(Debug)]
struct Tapped(SharedHttpConnector, Tamper);

impl HttpConnector for Tapped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match (self.1)(request) {
            Some(request) => self.0.call(request),
            None => {
                let ok = StatusCode::try_from(200).expect("it is one");
                HttpConnectorFuture::ready(Ok(HttpResponse::new(ok, SdkBody::from("{}"))))
            }
        }
    }
}

fn asks_for(request: &HttpRequest, operation: &str) -> bool {
    let target = request.headers().get("x-amz-target");
    target.is_some_and(|target| target.ends_with(operation))
}

#[test]
fn law_2_catches_who_approves_what_is_being_rolled_back() {
    let yes_man = |mut request: HttpRequest| {
        if asks_for(&request, "PutApprovalResult") {
            let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
            *request.body_mut() = SdkBody::from(body.replace("\"Rejected\"", "\"Approved\""));
        }
        Some(request)
    };
    let broken = with(Cut::WithOpen, is_bad, |handlers| Rc::new(Tampered(handlers, yes_man)));
    assert_eq!(broken, [2]);
}

#[test]
fn law_4_catches_who_never_answers_a_job() {
    let silent = |request: HttpRequest| (!asks_for(&request, "PutJobSuccessResult")).then_some(request);
    let broken = with(Cut::WithOpen, waits, |handlers| Rc::new(Tampered(handlers, silent)));
    assert_eq!(broken, [4]);
}

/// Our functions, with something done in the place of `open`, or after any of them.
struct Meddled(Handlers, Meddling);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meddling {
    /// Whatever a job was answered, it is answered once more with a failure.
    TwoAnswers,
    /// A job is let pass, whether a release is open or not.
    Unlooked,
    /// What was closed is closed once more.
    TwoEnds,
}

impl Functions for Meddled {
    fn invoke(&self, invocation: Invocation) -> Running {
        let (meddling, client) = (self.1, serin(&invocation, self.0.decide.clone()));
        let job = invocation.payload["CodePipeline.job"]["id"].as_str().map(str::to_owned);
        if let (Meddling::Unlooked, Some(job)) = (meddling, &job) {
            let job = job.clone();
            return Box::pin(async move {
                let passes = JobAnswer::Success {
                    summary: "it passes".to_owned(),
                    variables: BTreeMap::new(),
                };
                let answered = client.answer_job(&job, &passes).await;
                answered.map(|_| json!({})).map_err(|error| error.to_string())
            });
        }
        let running = self.0.invoke(invocation);
        Box::pin(async move {
            let answer = running.await?;
            if let (Meddling::TwoAnswers, Some(job)) = (meddling, &job) {
                let doubt = JobAnswer::Failure("on second thoughts, no".to_owned());
                client
                    .answer_job(job, &doubt)
                    .await
                    .map_err(|error| error.to_string())?;
            }
            if meddling == Meddling::TwoEnds && answer["outcome"].is_string() {
                close_again(&client, answer["release_id"].as_str().unwrap_or_default()).await;
            }
            Ok(answer)
        })
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        self.0.route(delivery)
    }
}

async fn close_again(serin: &aws::Serin, release: &str) {
    let text = |value: String| AttributeValue::S(value);
    let put = Put::builder()
        .table_name(scene::TABLE)
        .item("pk", text("policy#orders".to_owned()))
        .item("sk", text(format!("past#later#{release}")))
        .item("document", text(json!({"id": release, "start": "again"}).to_string()))
        .item("outcome", text("abandoned".to_owned()))
        .build()
        .expect("it is whole");
    let sent = serin
        .clients
        .dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .send()
        .await;
    sent.expect("the ledger takes it");
}

#[test]
fn law_4_catches_who_answers_a_job_twice() {
    let broken = with(Cut::WithOpen, waits, |handlers| {
        Rc::new(Meddled(handlers, Meddling::TwoAnswers))
    });
    assert_eq!(broken, [4]);
}

#[test]
fn law_4_catches_who_lets_a_job_pass_without_a_release() {
    let broken = with(Cut::WithOpen, is_bad, |handlers| {
        Rc::new(Meddled(handlers, Meddling::Unlooked))
    });
    assert_eq!(broken, [4]);
}

#[test]
fn law_5_catches_who_closes_a_release_twice() {
    let broken = with(Cut::WithOpen, is_bad, |handlers| {
        Rc::new(Meddled(handlers, Meddling::TwoEnds))
    });
    assert_eq!(broken, [5]);
}

#[test]
fn law_5_catches_who_looks_once_an_hour() {
    let broken = under(Cut::WithOpen, waits, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        decision.look_again_seconds = decision.look_again_seconds.map(|_| 3_600);
        decision
    });
    assert_eq!(broken, [5]);
}

#[test]
fn law_5_catches_who_closes_nothing() {
    let broken = under(Cut::WithOpen, is_approved, |policy, release, seen, at| {
        let decision = decide::decide(policy, release, seen, at);
        if !matches!(decision.next.phase, Phase::Closed { .. }) {
            return decision;
        }
        Decision {
            next: release.clone(),
            because: "one can never be quite sure".to_owned(),
            lanes: Vec::new(),
            notices: Vec::new(),
            successor: None,
            look_again_seconds: Some(60),
        }
    });
    assert_eq!(broken, [5]);
}

#[test]
fn law_13_catches_who_closes_without_going_back() {
    let broken = under(Cut::WithOpen, is_rejected, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let cause = decision.next.phase.rolling_back().cloned();
        if let Some(cause @ Cause::PipelineEnded { .. }) = cause {
            let outcome = Outcome::RolledBack { cause };
            decision.next.phase = Phase::Closed { outcome };
            decision.lanes.clear();
            decision.look_again_seconds = None;
        }
        decision
    });
    // An end that the rules did not decide is told to nobody.
    assert_eq!(broken, [13, 17]);
}

#[test]
fn law_13_catches_who_leaves_everything_to_nobody() {
    let broken = under(Cut::Plain, is_followed, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if let Phase::Closed {
            outcome: Outcome::Superseded { by },
        } = &mut decision.next.phase
        {
            *by = "orders-whoever".to_owned();
        }
        decision
    });
    assert_eq!(broken, [13]);
}

/// The release that takes the place of one, for no reason.
fn another(release: &Release, at: decide::At, start: String) -> Option<Box<Release>> {
    Some(Box::new(Release {
        id: format!("{}-again", release.id),
        opened: at,
        start,
        ..release.clone()
    }))
}

#[test]
fn law_14_catches_who_takes_his_own_rollback_for_a_release() {
    let broken = under(Cut::WithOpen, is_bad, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let restored = seen.canary.known().map(|canary| canary.primary.id.clone());
        if let Some(restored) = restored.filter(|_| is_rolled_back(&decision)) {
            let mut echo = release.clone();
            echo.pipeline = None;
            echo.canary.given = None;
            echo.phase = Phase::Deploying;
            decision.successor = another(&echo, at, format!("deployment {restored}"));
        }
        decision
    });
    assert_eq!(broken, [14]);
}

#[test]
fn law_14_catches_who_opens_two_releases_for_one_start() {
    let broken = under(Cut::WithOpen, is_rejected, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let baking = matches!(decision.next.phase, Phase::Baking { .. });
        if baking && release == &decision.next && !release.id.ends_with("-again") {
            decision.successor = another(release, at, release.start.clone());
            let by = format!("{}-again", release.id);
            decision.next.phase = Phase::Closed {
                outcome: Outcome::Superseded { by },
            };
        }
        decision
    });
    assert_eq!(broken, [14]);
}

#[test]
fn law_14_catches_who_is_deaf_and_does_not_sweep() {
    let (mut stage, row) = at_rest(Cut::Plain, right());
    for rule in ["WatchHappening", "AdvanceSweep"] {
        simulator::eventbridge::stage::remove(&mut stage.sim.world(), rule);
    }
    assert_eq!(lives(&mut stage, &row, waits), [14]);
}

#[test]
fn law_15_catches_who_forgets_the_execution_before() {
    let broken = under(Cut::Plain, is_followed, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        decision.next.barred.clear();
        decision.successor.iter_mut().for_each(|next| next.barred.clear());
        without(&mut decision, |action| {
            matches!(action, Action::Reject { .. } | Action::Stop { .. })
        });
        decision
    });
    assert_eq!(broken, [15]);
}

#[test]
fn the_right_rules_break_no_law_in_any_of_these_lives() {
    let scripts: [Script; 7] = [
        is_approved,
        is_rejected,
        is_bad,
        waits,
        is_followed,
        orders::is_tried_again,
        orders::is_hot_fixed,
    ];
    let mut applied: BTreeMap<u32, u32> = BTreeMap::new();
    for cut in [Cut::WithOpen, Cut::Plain] {
        for script in scripts {
            let (mut stage, row) = at_rest(cut, right());
            lives(&mut stage, &row, script);
            for verdict in judged(&stage) {
                *applied.entry(verdict.law).or_default() += verdict.applied;
            }
        }
    }
    for law in [2, 4, 5, 6, 13, 14, 15] {
        assert!(
            applied.get(&law).is_some_and(|times| *times > 0),
            "law {law}: {applied:?}"
        );
    }
}
