use super::shop;
use crate::elb::{Health, Target, stage};

fn one(state: &str, reason: &str) -> Vec<(String, String)> {
    vec![(state.to_owned(), reason.to_owned())]
}

/// Registers a target that runs this image, here and now.
fn registers(shop: &mut super::Shop, group: &str, digest: &str) {
    let now = shop.world.now;
    stage::set(&mut shop.world, group, |group| {
        group.targets.push(Target {
            id: "10.0.0.7".to_owned(),
            port: 8080,
            task: None,
            images: vec![digest.to_owned()],
            registered_at: now,
            deregistered_at: None,
        });
    });
}

#[test]
fn a_target_is_healthy_once_it_has_passed_its_checks() {
    let mut shop = shop("HTTP");
    let stable = shop.stable.clone();
    shop.later(3600);
    registers(&mut shop, &stable, "sha256:1");
    let initial = one("initial", "Elb.InitialHealthChecking");
    for (seconds, wanted) in [(0, &initial), (149, &initial), (1, &one("healthy", ""))] {
        shop.later(seconds);
        assert_eq!(&shop.health(&stable), wanted);
    }
    stage::deregister(&mut shop.world, &stable, "10.0.0.7");
    let draining = one("draining", "Target.DeregistrationInProgress");
    for (seconds, wanted) in [(0, &draining), (299, &draining), (1, &Vec::new())] {
        shop.later(seconds);
        assert_eq!(&shop.health(&stable), wanted);
    }
}

#[test]
fn a_group_in_no_rule_is_unused_and_its_checks_begin_when_a_rule_names_it_at_any_weight() {
    let mut shop = shop("HTTP");
    let canary = shop.canary.clone();
    registers(&mut shop, &canary, "sha256:1");
    shop.later(86_400);
    assert_eq!(shop.health(&canary), one("unused", "Target.NotInUse"));
    let both = stage::forward(&[(&shop.stable, 1), (&canary, 0)]);
    stage::act(&mut shop.world, &shop.rule, &both);
    shop.later(149);
    assert_eq!(shop.health(&canary), one("initial", "Elb.InitialHealthChecking"));
    // Another change of weights does not begin them anew.
    let both = stage::forward(&[(&shop.stable, 9), (&canary, 1)]);
    stage::act(&mut shop.world, &shop.rule, &both);
    shop.later(1);
    assert_eq!(shop.health(&canary), one("healthy", ""));
    let alone = stage::forward(&[(&shop.stable, 1)]);
    stage::act(&mut shop.world, &shop.rule, &alone);
    assert_eq!(shop.health(&canary), one("unused", "Target.NotInUse"));
}

#[test]
fn an_image_that_fails_its_checks_is_never_healthy_or_no_more() {
    let mut shop = shop("HTTP");
    let stable = shop.stable.clone();
    stage::fails_checks(&mut shop.world, "sha256:bad");
    registers(&mut shop, &stable, "sha256:bad");
    let unhealthy = one("unhealthy", "Target.ResponseCodeMismatch");
    shop.later(59);
    assert_eq!(shop.health(&stable), one("initial", "Elb.InitialHealthChecking"));
    shop.later(1);
    assert_eq!(shop.health(&stable), unhealthy);
    shop.later(3600);
    assert_eq!(shop.health(&stable), unhealthy);
    stage::passes_checks(&mut shop.world, "sha256:bad");
    assert_eq!(shop.health(&stable), one("healthy", ""));
    // It was healthy until it failed as often as makes it unhealthy.
    stage::fails_checks(&mut shop.world, "sha256:bad");
    shop.later(59);
    assert_eq!(shop.health(&stable), one("healthy", ""));
    shop.later(1);
    assert_eq!(shop.health(&stable), unhealthy);
}

#[test]
fn a_target_that_was_always_there_is_healthy() {
    let mut shop = shop("HTTP");
    stage::register(&mut shop.world, &shop.stable, "10.0.0.1", 8080);
    let group = shop.world.elb.group(&shop.stable).unwrap();
    let healths: Vec<Health> = shop
        .world
        .elb
        .targets(group, shop.world.now)
        .map(|(_, health)| health)
        .collect();
    assert_eq!(healths, vec![Health::Healthy]);
}
