use crate::opening::{Overlap, overlap};
use crate::policy::{OnNewRelease, Step};
use crate::testing::*;
use crate::*;
use crate::rule::successor;

fn show(name: &str, d: &Decision) {
    println!("{name}: [{}] {} | {} | look {:?}", d.next.phase.name(), d.because, lanes(d), d.look_again_seconds);
}
fn cont() -> Policy { Policy { on_new_release: OnNewRelease::Continue, ..policy() } }
fn other() -> Start { Start::Job { execution: OTHER.into(), action_execution: "j".into() } }
fn seen(canary: SeenService, stable: SeenService) -> Seen {
    Seen { canary: Part::Known(canary), stable: Part::Known(stable), ..at_approval() }
}
fn succ(open: &Release) -> Release {
    match overlap(&cont(), open, &other(), at(1_000)) { Overlap::TakesOver(d) => *d.successor.unwrap(), o => panic!("{o:?}") }
}

#[test]
fn probe() {
    // B1
    let mut p = policy();
    p.steps = vec![Step { share_permille: None, bake_minutes: 1 }];
    let mut cfg = armed();
    cfg.images = Some(images("v1"));
    let g = cfg.canary.given.as_mut().unwrap();
    g.images = Some(images("v1"));
    g.configuration = Some("more".into());
    let d = decide(&p, &cfg, &at_approval(), at(70));
    show("B1 bake", &d);
    let mut s = at_approval();
    s.pipeline = Part::Known(execution(ExecutionStatus::Over(Over::Succeeded)));
    let d2 = decide(&p, &d.next, &s, at(9_000));
    show("B1 later", &d2);
    // B2
    let n = succ(&watching());
    let told = with_fact(n.clone(), alarm_fact(&alarm_arn(), at(1_010)));
    let w = seen(on("orders-canary", 2, 1), promoted());
    show("B2", &decide(&cont(), &told, &w, at(1_020)));
    // B3: baking successor created at 1100; alarm at 1050
    let mut v3 = newcomer(); v3.primary.created = at(1_100);
    let b = decide(&cont(), &n, &seen(v3.clone(), promoted()), at(1_110)).next;
    println!("B3 phase {} watched {}", b.phase.name(), b.watched.is_some());
    let told = with_fact(b.clone(), alarm_fact(&alarm_arn(), at(1_050)));
    show("B3", &decide(&cont(), &told, &seen(v3.clone(), promoted()), at(1_120)));
    // B4
    for (since, now) in [(2_199, 2_199), (2_199, 2_201), (2_201, 2_202)] {
        let told = with_fact(b.clone(), alarm_fact(&alarm_arn(), at(since)));
        show(&format!("B4 {since} {now}"), &decide(&cont(), &told, &seen(v3.clone(), promoted()), at(now)));
    }
    // B5
    let st3 = by_deployment(meaning(on("orders", 3, 3), "v3", "orders-settings"), "stable-3", 1_200);
    let pr = decide(&cont(), &b, &seen(v3.clone(), in_progress(st3.clone(), 1, 2)), at(1_210)).next;
    println!("B5 phase {} watched {}", pr.phase.name(), pr.watched.is_some());
    let told = with_fact(pr.clone(), alarm_fact(&alarm_arn(), at(1_220)));
    show("B5", &decide(&cont(), &told, &seen(v3.clone(), in_progress(st3.clone(), 1, 2)), at(1_225)));
    // B6
    let mut s = seen(v3.clone(), promoted());
    s.pipeline = Part::Known(over());
    show("B6", &decide(&cont(), &b, &s, at(1_225)));
    // B7
    let mut r = armed();
    r.pipeline.as_mut().unwrap().over_since = Some(at(0));
    let mut s = seen(on("orders-canary", 2, 1), on("orders", 9, 3));
    s.pipeline = Part::Known(execution(ExecutionStatus::Over(Over::Succeeded)));
    show("B7", &decide(&policy(), &r, &s, at(500)));
    // B8
    let mut r = armed();
    r.pipeline.as_mut().unwrap().approval = Some(approval());
    let mut s = at_approval();
    s.pipeline = Part::Known(SeenExecution { only_status: true, ..execution(ExecutionStatus::InProgress) });
    let d = decide(&policy(), &r, &s, at(20));
    println!("B8 token kept: {}", d.next.pipeline.unwrap().approval.is_some());
    // B9
    let mut r = opened(); r.pipeline = None;
    show("B9", &decide(&policy(), &r, &seen(on("orders-canary", 1, 1), on("orders", 1, 3)), at(90_000)));
    // B11
    let mut nc = newcomer(); nc.primary.created = at(2_000);
    let d = decide(&policy(), &watching(), &seen(nc, promoted()), at(2_300));
    show("B11", &d);
    println!("B11 closed_on {:?} successor {}", d.next.closed_on, d.successor.is_some());
    // B13: barred execution promoted v2 in the race
    let n = succ(&gated());
    let v2stable = in_progress(by_deployment(meaning(on("orders", 2, 3), "v2", "orders-settings"), "stable-2", 1_005), 1, 2);
    let mut s = seen(on("orders-canary", 2, 1), v2stable.clone());
    s.barred.insert(n.barred[0].execution.clone(), Part::Known(SeenExecution { promoting: true, ..execution(ExecutionStatus::InProgress) }));
    let d = decide(&policy(), &n, &s, at(1_010));
    show("B13 deploying", &d);
    println!("stable given {:?}", d.next.stable.given.is_some());
    let mut s2 = s.clone(); s2.canary = Part::Known(v3.clone());
    let d = decide(&policy(), &d.next, &s2, at(1_120));
    show("B13 v3", &d);
    // B21
    let told = with_fact(failing(), alarm_fact(&alarm_arn(), at(90)));
    let n = succ(&told);
    let mut s = seen(on("orders-canary", 2, 1), on("orders", 1, 3));
    s.pipeline = Part::Known(execution(ExecutionStatus::InProgress));
    show("B21 fact", &decide(&policy(), &n, &s, at(2_010)));
    let n2 = succ(&failing());
    s.alarms = Part::Known(vec![seen_alarm(AlarmState::Alarm, at(90))]);
    show("B21 seen", &decide(&policy(), &n2, &s, at(2_010)));
    s.alarms = at_approval().alarms;
    s.canary = Part::Known(given_up(on("orders-canary", 2, 1), 0, 1));
    show("B21 given up", &decide(&policy(), &n2, &s, at(2_010)));
    // B24
    let mut f = promoting();
    f.phase = Phase::RollbackFailed { cause: cause() };
    let mut nc = newcomer(); nc.primary.created = at(2_000);
    let s = seen(nc.clone(), promoted());
    let d = decide(&policy(), &f, &s, at(2_010));
    show("B24 gives way", &d);
    let n = *d.successor.unwrap();
    let mut s = seen(nc, in_progress(by_deployment(meaning(on("orders", 7, 3), "v3", "orders-settings"), "stable-7", 2_100), 1, 2));
    let d = decide(&policy(), &n, &s, at(2_110));
    show("B24 promoting", &d);
    s.pipeline = Part::Known(execution(ExecutionStatus::Over(Over::Succeeded)));
    let d = decide(&policy(), &d.next, &s, at(2_120));
    let d = decide(&policy(), &d.next, &s, at(2_190));
    show("B24 succeeded", &d);
    // successor of watching under job; stable undone to v1
    let _ = successor::after;
}
