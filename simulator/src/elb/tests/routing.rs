use super::shop;
use crate::elb::{Asked, Routed, stage};
use crate::time::At;
use serde_json::json;

fn at<'a>(path: &'a str, cookie: Option<(&'a str, At)>) -> Asked<'a> {
    Asked {
        host: "shop.example.com",
        path,
        cookie,
    }
}

fn route(shop: &mut super::Shop, asked: &Asked<'_>) -> Routed {
    let now = shop.world.now;
    let world = &mut shop.world;
    world.elb.route(&shop.listener, asked, now, &mut world.rng).unwrap()
}

#[test]
fn requests_are_shared_out_by_weight() {
    let mut shop = shop("HTTP");
    for (weights, least, most) in [
        ((9, 1), 850, 1150),
        ((99, 1), 60, 140),
        ((1, 0), 0, 0),
        ((0, 1), 10_000, 10_000),
    ] {
        let actions = stage::forward(&[(&shop.stable, weights.0), (&shop.canary, weights.1)]);
        stage::act(&mut shop.world, &shop.rule, &actions);
        let mut canary = 0;
        for _ in 0..10_000 {
            let routed = route(&mut shop, &at("/shop/cart", None));
            canary += i32::from(matches!(routed, Routed::Group { arn, .. } if arn == shop.canary));
        }
        assert!((least..=most).contains(&canary), "{weights:?}: {canary}");
    }
    let none = stage::forward(&[(&shop.stable, 0), (&shop.canary, 0)]);
    stage::act(&mut shop.world, &shop.rule, &none);
    assert_eq!(route(&mut shop, &at("/shop/cart", None)), Routed::Answered(503));
}

#[test]
fn the_first_rule_whose_conditions_hold_answers_and_else_the_default() {
    let mut shop = shop("HTTP");
    let gone = json!([{ "Type": "redirect", "RedirectConfig": { "StatusCode": "HTTP_302", "Host": "x" } }]);
    let host = json!([
        { "Field": "host-header", "Values": ["old.*", "older.*"] }, { "Field": "path-pattern", "Values": ["/s?op/*"] },
    ]);
    let rule = stage::rule(&mut shop.world, &shop.listener, 5, &host, &gone);
    let method = json!([{ "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": ["GET"] } }]);
    stage::rule(&mut shop.world, &shop.listener, 1, &method, &gone);
    assert_eq!(route(&mut shop, &at("/help", None)), Routed::Answered(404));
    let old = Asked {
        host: "OLD.example.com",
        ..at("/shop/cart", None)
    };
    assert_eq!(route(&mut shop, &old), Routed::Answered(302));
    stage::delete_rule(&mut shop.world, &rule);
    let stable = Routed::Group {
        arn: shop.stable.clone(),
        sticky_until: None,
        drawn: true,
    };
    assert_eq!(route(&mut shop, &old), stable);
}

#[test]
fn a_cookie_holds_a_client_to_its_group_until_it_ends_also_at_weight_nothing() {
    let mut shop = shop("HTTP");
    let (stable, canary) = (shop.stable.clone(), shop.canary.clone());
    let to_canary = stage::forward_sticky(&[(&stable, 0), (&canary, 1)], 60);
    stage::act(&mut shop.world, &shop.rule, &to_canary);
    let until = shop.world.now.plus_seconds(60);
    let held = |drawn: bool| Routed::Group {
        arn: canary.clone(),
        sticky_until: Some(until),
        drawn,
    };
    assert_eq!(route(&mut shop, &at("/shop/cart", None)), held(true));
    let back = stage::forward_sticky(&[(&stable, 1), (&canary, 0)], 60);
    stage::act(&mut shop.world, &shop.rule, &back);
    shop.later(59);
    let asked = at("/shop/cart", Some((&canary, until)));
    assert_eq!(
        route(&mut shop, &asked),
        held(false),
        "the cookie ends when it was to end"
    );
    shop.later(1);
    let anew = Routed::Group {
        arn: stable.clone(),
        sticky_until: Some(until.plus_seconds(60)),
        drawn: true,
    };
    assert_eq!(route(&mut shop, &asked), anew);

    // Neither a group that is gone from the rule nor a rule that is not sticky any more looks at it.
    let asked = at("/shop/cart", Some((&canary, until.plus_seconds(3600))));
    for actions in [
        stage::forward_sticky(&[(&stable, 1)], 60),
        stage::forward(&[(&stable, 1), (&canary, 0)]),
    ] {
        stage::act(&mut shop.world, &shop.rule, &actions);
        let routed = route(&mut shop, &asked);
        assert!(matches!(routed, Routed::Group { arn, .. } if arn == stable));
    }
}
